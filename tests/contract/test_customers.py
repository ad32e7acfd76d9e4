"""Customers as the connector reads them and writes its results to them."""

from tests.contract.store_api import StoreApi, meta, new_email

FIELDS = {
    "id", "date_created", "date_created_gmt", "date_modified", "date_modified_gmt", "email", "first_name",
    "last_name", "role", "username", "billing", "shipping", "is_paying_customer", "avatar_url", "meta_data", "_links",
}  # fmt: skip
UNKNOWN = 99_999_999


def test_a_customer_has_the_fields_we_know(store: StoreApi) -> None:
    customer = store.get(f"customers/{store.new_customer()['id']}").body

    assert set(customer) == FIELDS
    assert customer["role"] == "customer"


def test_customers_are_found_by_their_address(store: StoreApi) -> None:
    customer = store.new_customer()

    found = store.get("customers", email=customer["email"]).body

    assert [entry["id"] for entry in found] == [customer["id"]]
    assert store.get("customers", email=new_email()).body == []


def test_role_all_lists_also_those_who_are_no_customers(store: StoreApi) -> None:
    store.new_customer()

    roles = {customer["role"] for customer in store.get("customers", role="all", per_page=100, orderby="id").body}
    by_default = {customer["role"] for customer in store.get("customers", per_page=100).body}

    assert {"administrator", "customer"} <= roles
    assert by_default == {"customer"}


def test_customers_can_be_walked_by_id(store: StoreApi) -> None:
    ids = [store.new_customer()["id"] for _ in range(3)]

    listed = store.get("customers", role="all", include=",".join(map(str, ids)), orderby="id", order="asc").body

    assert [customer["id"] for customer in listed] == ids


def test_guests_are_no_customers(store: StoreApi) -> None:
    email = new_email()
    store.new_order(billing={"email": email})

    assert store.get("customers", role="all", email=email).body == []


def test_meta_data_by_key_keeps_one_entry(store: StoreApi) -> None:
    path = f"customers/{store.new_customer()['id']}"

    for tier in ("silver", "gold"):
        written = store.put(path, {"meta_data": [{"key": "regulars_tier", "value": tier}]})
        assert written.status == 200

    tiers = [entry["value"] for entry in store.get(path).body["meta_data"] if entry["key"] == "regulars_tier"]
    assert tiers == ["gold"]


def test_meta_data_that_is_not_named_stays(store: StoreApi) -> None:
    path = f"customers/{store.new_customer()['id']}"
    store.put(path, {"meta_data": [{"key": "regulars_tier", "value": "gold"}]})

    store.put(path, {"meta_data": [{"key": "regulars_points", "value": "120"}]})

    assert meta(store.get(path).body) == {"regulars_tier": "gold", "regulars_points": "120"}


def test_meta_data_comes_back_as_it_is_stored(store: StoreApi) -> None:
    path = f"customers/{store.new_customer()['id']}"
    written = {"regulars_points": 120, "regulars_flag": True, "regulars_list": ["a", "b"], "regulars_json": '["a"]'}

    store.put(path, {"meta_data": [{"key": key, "value": value} for key, value in written.items()]})

    assert meta(store.get(path).body) == {
        "regulars_points": "120",
        "regulars_flag": "1",
        "regulars_list": ["a", "b"],
        "regulars_json": '["a"]',
    }


def test_a_null_value_deletes_meta_data(store: StoreApi) -> None:
    path = f"customers/{store.new_customer()['id']}"
    store.put(path, {"meta_data": [{"key": "regulars_tier", "value": "gold"}]})

    store.put(path, {"meta_data": [{"key": "regulars_tier", "value": None}]})

    assert meta(store.get(path).body) == {}


def test_protected_meta_data_is_not_written(store: StoreApi) -> None:
    path = f"customers/{store.new_customer()['id']}"

    store.put(path, {"meta_data": [{"key": "_regulars_tier", "value": "gold"}]})

    assert "_regulars_tier" not in {entry["key"] for entry in store.get(path).body["meta_data"]}


def test_writing_meta_data_changes_nothing_else(store: StoreApi) -> None:
    before = store.new_customer(first_name="Ann", billing={"city": "Sampleton"})

    after = store.put(f"customers/{before['id']}", {"meta_data": [{"key": "regulars_tier", "value": "gold"}]}).body

    names = ("email", "first_name", "billing", "username", "role", "date_created_gmt")
    assert {name: after[name] for name in names} == {name: before[name] for name in names}


def test_meta_data_can_be_written_to_somebody_who_is_no_customer(store: StoreApi) -> None:
    answer = store.put("customers/1", {"meta_data": [{"key": "regulars_tier", "value": "gold"}]})

    assert (answer.status, meta(answer.body)["regulars_tier"]) == (200, "gold")


def test_the_address_of_somebody_who_is_no_customer_cannot_be_changed(store: StoreApi) -> None:
    answer = store.put("customers/1", {"email": new_email()})

    assert (answer.status, answer.code) == (403, "woocommerce_rest_cannot_edit")


def test_a_customer_that_is_not_there_has_one_code_for_all_methods(store: StoreApi) -> None:
    path = f"customers/{UNKNOWN}"

    answers = [store.get(path), store.put(path, {"first_name": "Ann"}), store.delete(path, force="true")]

    assert [(answer.status, answer.code) for answer in answers] == [(404, "wc_user_invalid_id")] * 3


def test_an_address_belongs_to_one_customer(store: StoreApi) -> None:
    customer, other = store.new_customer(), store.new_customer()

    again = store.post("customers", {"email": customer["email"], "password": "correct horse"})
    changed = store.put(f"customers/{other['id']}", {"email": customer["email"]})

    assert (again.status, again.code) == (400, "registration-error-email-exists")
    assert (changed.status, changed.code) == (400, "woocommerce_rest_customer_invalid_email")


def test_customers_know_no_trash(store: StoreApi) -> None:
    answer = store.delete(f"customers/{store.new_customer()['id']}")

    assert (answer.status, answer.code) == (501, "woocommerce_rest_trash_not_supported")


def test_the_orders_of_a_deleted_customer_become_a_guests(store: StoreApi) -> None:
    customer = store.new_customer()
    order = store.new_order(customer_id=customer["id"], billing={"email": customer["email"]})

    assert store.delete(f"customers/{customer['id']}", force="true").status == 200

    kept = store.get(f"orders/{order['id']}").body
    assert (kept["customer_id"], kept["billing"]["email"]) == (0, customer["email"])


def test_a_customer_who_bought_is_a_paying_one(store: StoreApi) -> None:
    customer = store.new_customer()
    assert customer["is_paying_customer"] is False

    store.new_order(customer_id=customer["id"], status="completed")

    assert store.get(f"customers/{customer['id']}").body["is_paying_customer"] is True
