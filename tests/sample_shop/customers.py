"""Customers: wc/v3/customers. They are WordPress users; guests exist in orders only."""

import hashlib

from tests.sample_shop.dates import stamp
from tests.sample_shop.meta import update_meta
from tests.sample_shop.orders import ADDRESS
from tests.sample_shop.paging import PAGE, in_ids, in_order, invalid_params, one_of, paged, read_params, text
from tests.sample_shop.snapshot import customer_fields
from tests.sample_shop.state import State
from tests.sample_shop.wire import Json, Request, Response, RestError, is_email, is_true

_ROLES = ("all", "administrator", "editor", "author", "contributor", "subscriber", "customer", "shop_manager")
_PARAMS = {
    **PAGE,
    "order": one_of("asc", "desc", default="asc"),
    "orderby": one_of("id", "include", "name", "registered_date", default="name"),
    "email": text(),
    "role": one_of(*_ROLES, default="customer"),
}
_DELETABLE = ("customer", "subscriber")


def list_customers(state: State, request: Request) -> Response:
    """GET /customers: by default those with the role customer, by name."""
    params = read_params(request.query, _PARAMS)
    if params["email"] is not None and not is_email(params["email"]):
        raise invalid_params({"email": ("rest_invalid_email", "Invalid email address.")})
    email, words = (params["email"] or "").lower(), (params["search"] or "").lower()
    found = [
        customer
        for customer in in_ids(state.customers.values(), params)
        if params["role"] in {"all", customer["role"]}
        and (not email or customer["email"].lower() == email)
        and (not words or words in f"{customer['username']} {customer['email']} {_name(customer)}".lower())
    ]
    if params["orderby"] == "name":
        found.sort(key=lambda customer: (_name(customer).lower(), customer["id"]), reverse=params["order"] == "desc")
    else:
        in_order(found, params, {"registered_date": "date_created_gmt"})
    return paged(request, state.rest_link("customers"), found, params, lambda customer: present(state, customer))


def _name(customer: Json) -> str:
    return f"{customer['first_name']} {customer['last_name']}".strip() or str(customer["username"])


def present(state: State, customer: Json) -> Json:
    """A customer with its links."""
    links = {
        "self": [{"href": state.rest_link(f"customers/{customer['id']}")}],
        "collection": [{"href": state.rest_link("customers")}],
    }
    return {**customer, **customer_fields(state, customer), "_links": links}


def found_customer(state: State, customer_id: int) -> Json:
    """The user of that id.

    Raises RestError 404 ``wc_user_invalid_id``.
    """
    customer = state.customers.get(customer_id)
    if customer is None:
        raise RestError("wc_user_invalid_id", "Invalid user ID.", 404)
    return customer


def get_customer(state: State, request: Request, customer_id: int) -> Response:
    """GET /customers/<id>."""
    return Response(present(state, found_customer(state, customer_id)))


def post_customer(state: State, request: Request) -> Response:
    """POST /customers."""
    # The password is required unless the shop has the setting that makes one up; WooCommerce's default is not to.
    missing = [name for name in ("email", "password") if request.body.get(name) is None]
    if missing:
        raise RestError(
            "rest_missing_callback_param", f"Missing parameter(s): {', '.join(missing)}", 400, params=missing
        )
    customer = create(state, request.body)
    address = state.rest_link(f"customers/{customer['id']}")
    return Response(present(state, customer), 201, {"Location": address})


def put_customer(state: State, request: Request, customer_id: int) -> Response:
    """PUT /customers/<id>."""
    check_fields(request.body)
    return Response(present(state, update(state, customer_id, request.body)))


def check_fields(fields: Json) -> None:
    """Raise RestError ``rest_invalid_param`` where a field is not what the schema says."""
    if "email" in fields and not is_email(str(fields["email"])):
        raise invalid_params({"email": ("rest_invalid_email", "Invalid email address.")})
    if not isinstance(fields.get("meta_data", []), list):
        raise invalid_params({"meta_data": ("rest_invalid_type", "meta_data is not of type array.")})


def create(state: State, fields: Json) -> Json:
    """Register a customer.

    Raises RestError 400 for an address that is none or is taken, and for a taken user name.
    """
    email = str(fields.get("email") or "")
    if not is_email(email):
        raise RestError("customer_invalid_email", "Invalid email address", 400)
    if _email_taken(state, email):
        sentence = f"An account is already registered with {email}. Please log in or use a different email address."
        raise RestError("registration-error-email-exists", sentence, 400)
    customer = skeleton(state, state.new_id("user"), email, _username(state, fields, email))
    _set_fields(state, customer, fields)
    state.customers[customer["id"]] = customer
    return customer


def _email_taken(state: State, email: str) -> bool:
    return any(customer["email"].lower() == email.lower() for customer in state.customers.values())


def _username(state: State, fields: Json, email: str) -> str:
    taken = {customer["username"] for customer in state.customers.values()}
    wanted = fields.get("username")
    if wanted and wanted in taken:
        sentence = "An account is already registered with that username. Please choose another."
        raise RestError("registration-error-username-exists", sentence, 400)
    base = str(wanted or email.partition("@")[0])
    return base if base not in taken else f"{base}-{len(taken)}"


def skeleton(state: State, customer_id: int, email: str, username: str, role: str = "customer") -> Json:
    """A customer with nothing but an address, registered now."""
    blank = dict.fromkeys(ADDRESS, "")
    customer: Json = {"id": customer_id}
    stamp(customer, "date_created date_modified", state.now(), state.zone)
    digest = hashlib.sha256(email.lower().encode()).hexdigest()
    return customer | {
        "email": email,
        "first_name": "",
        "last_name": "",
        "role": role,
        "username": username,
        "billing": {**blank, "email": "", "phone": ""},
        "shipping": {**blank, "phone": ""},
        "is_paying_customer": False,
        "avatar_url": f"https://secure.gravatar.com/avatar/{digest}?s=96&d=mm&r=g",
        "meta_data": [],
    }


def update(state: State, customer_id: int, fields: Json) -> Json:
    """Change a customer; ``meta_data`` by key keeps one entry a key.

    Raises RestError 404 for an unknown id, 400 for a taken address or a changed user name, 403 for the address of
    somebody who is no customer.
    """
    customer = found_customer(state, customer_id)
    email = fields.get("email")
    if customer["role"] not in _DELETABLE and email is not None and email != customer["email"]:
        sentence = f"Sorry, email cannot be updated via this endpoint for a user with role {customer['role']}."
        raise RestError("woocommerce_rest_cannot_edit", sentence, 403)
    if email and email != customer["email"] and _email_taken(state, email):
        raise RestError("woocommerce_rest_customer_invalid_email", "Email address is invalid.", 400)
    if fields.get("username") and fields["username"] != customer["username"]:
        raise RestError("woocommerce_rest_customer_invalid_argument", "Username isn't editable.", 400)
    if email:
        customer["email"] = email
    _set_fields(state, customer, fields)
    stamp(customer, "date_modified", state.now(), state.zone)
    return customer


def _set_fields(state: State, customer: Json, fields: Json) -> None:
    customer.update({name: fields[name] for name in ("first_name", "last_name") if fields.get(name) is not None})
    for name in ("billing", "shipping"):
        held = customer[name]
        held.update({key: value for key, value in (fields.get(name) or {}).items() if key in held})
    update_meta(state, customer["meta_data"], fields.get("meta_data"), hide_protected=True)


def delete_customer(state: State, request: Request, customer_id: int) -> Response:
    """DELETE /customers/<id>: customers know no trash, so only with ``force``."""
    customer = found_customer(state, customer_id)
    if customer["role"] not in _DELETABLE:
        sentence = (
            f"Sorry, users with {customer['role']} role cannot be deleted via this endpoint. "
            f"Allowed roles: {', '.join(_DELETABLE)}"
        )
        raise RestError("woocommerce_rest_cannot_delete", sentence, 403)
    if not is_true(request.param("force", default=False)):
        raise RestError("woocommerce_rest_trash_not_supported", "Customers do not support trashing.", 501)
    answer = present(state, customer)
    remove(state, customer_id)
    return Response(answer)


def remove(state: State, customer_id: int) -> None:
    """Delete a customer. Their orders stay, as a guest's."""
    del state.customers[customer_id]
    for order in state.orders.values():
        if order["customer_id"] == customer_id:
            order["customer_id"] = 0
