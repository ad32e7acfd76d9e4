"""One customer's explanation over HTTP."""

from flask import Blueprint, Response, jsonify

from connector.db import customers, explanations
from connector.db.session import reading
from connector.web.api import signed_call
from connector.web.problems import Problem

blueprint = Blueprint("explanations", __name__)


@blueprint.get("/v1/customers/<int:wc_id>/explanation")
def show(wc_id: int) -> Response:
    """Answer what a customer sees and, under each figure, what it came from."""
    call = signed_call()
    with reading(call.parts.engine) as connection:
        found = customers.find(connection, call.store.id, str(wc_id))
        if found is None or found.wc_id != wc_id:
            raise Problem("unknown_customer", "No customer with this id is known yet.")
        told = explanations.of(connection, call.store, found, call.now)
    return jsonify(told.to_json())
