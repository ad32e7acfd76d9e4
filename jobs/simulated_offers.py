"""What campaigns would give today under a programme, ruled on as at night, with nothing written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from connector.db import hold_outs, purchases, standings, stores
from connector.db.stores import Store
from connector.domain.calendar import local_day
from connector.domain.hold_out import is_held_out
from connector.domain.offering import Setting
from connector.domain.offers_due import OffersDue
from connector.domain.programme import Programme
from connector.domain.simulation import Played
from connector.domain.standings import UNSCORED, Fitted, StoreFigures, score_sheet
from jobs.offer_cases import Known, budget_left, circumstances, gather, look_at
from jobs.standing import latest_run


@dataclass(frozen=True, slots=True)
class Offers:
    """One programme's side of a simulation: its offers so far, and what they are decided by."""

    store: Store
    setting: Setting
    due: OffersDue
    fitted: Fitted | None
    now: datetime

    @classmethod
    def of(cls, connection: Connection, store: Store, programme: Programme, now: datetime) -> "Offers":
        """Return a programme's offers before the first customer."""
        run = latest_run(connection, store.id)
        fitted = run.fitted if run else None
        typical = fitted.figures.typical_order if fitted else 0
        key = stores.draw_key(connection, store.id)
        setting = Setting(programme, store.currency, local_day(now, store.zone), key, typical)
        left = budget_left(connection, store, setting)
        return cls(store, setting, OffersDue(programme.governor, left), fitted, now)

    def add(self, connection: Connection, played: Mapping[int, Played]) -> None:
        """Count what these customers would be given, in the tiers they would have."""
        programme, store = self.setting.programme, self.store
        ids = sorted(played)
        bought = purchases.read(connection, store.id, ids)
        sheet = score_sheet(bought, self.setting.today, programme, store.currency, self.fitted)
        rows = sheet.of(np.array(ids, dtype=np.int64)).rows()
        known = Known(
            {one: {**UNSCORED, **rows.get(one, {}), "tier": played[one].tier} for one in ids},
            sheet.histories,
            self.fitted.figures if self.fitted else StoreFigures(),
            {one: played[one].reached for one in ids},
        )
        cases = gather(connection, store, programme, standings.people(connection, store.id, ids), known)
        for case in cases.values():
            look_at(case, store, self.setting, None)
            self.due.add_benefits(case.benefits)
        asked = [case for case in cases.values() if case.due]
        about = circumstances(connection, store, self.setting, asked, self._held_out(connection, ids), self.now)
        for case in asked:
            self.due.add(case.due, case.review, about[case.person.id], self.setting.today)

    def _held_out(self, connection: Connection, ids: Sequence[int]) -> dict[int, bool]:
        """Return who is held out, or would be if they were drawn now."""
        drawn = hold_outs.of_customers(connection, self.store.id, ids)
        percent = self.setting.programme.governor.hold_out_percent
        return {one: drawn[one] if one in drawn else is_held_out(self.setting.draw_key, one, percent) for one in ids}
