"""Products and their categories: wc/v3/products and wc/v3/products/categories, as much as anybody asks for."""

from typing import Any

from tests.sample_shop.dates import stamp
from tests.sample_shop.paging import PAGE, in_ids, paged, read_params
from tests.sample_shop.state import State
from tests.sample_shop.wire import Json, Request, Response


def add_product(state: State, name: str, price: str, categories: Any = ()) -> Json:
    """Put a simple product on sale, in categories given by id; those that do not exist are ignored."""
    product: Json = {"id": state.new_id("post"), "name": name, "type": "simple", "status": "publish", "sku": ""}
    stamp(product, "date_created", state.now(), state.zone)
    product |= {"price": price, "regular_price": price, "sale_price": "", "on_sale": False, "virtual": False}
    product |= {"categories": _listed(state, categories), "meta_data": []}
    state.products[product["id"]] = product
    return product


def put_on_sale(state: State, product: Json, sale_price: str) -> None:
    """Give a product a sale price, or with none its regular one."""
    product["sale_price"], product["on_sale"] = sale_price, bool(sale_price)
    product["price"] = sale_price or product["regular_price"]


def _listed(state: State, ids: Any) -> list[Json]:
    known = [state.categories[one] for one in ids if one in state.categories]
    return [{name: category[name] for name in ("id", "name", "slug")} for category in known]


def move(state: State, product: Json, categories: Any) -> None:
    """Put a product into these categories and no others."""
    product["categories"] = _listed(state, categories)


def list_products(state: State, request: Request) -> Response:
    """GET /products."""
    params = read_params(request.query, PAGE)
    found = in_ids(state.products.values(), params)
    return paged(request, state.rest_link("products"), found, params, lambda product: product)


def post_product(state: State, request: Request) -> Response:
    """POST /products: name, prices and categories are all it reads."""
    fields = request.body
    ids = [one["id"] for one in fields.get("categories") or []]
    product = add_product(state, str(fields.get("name", "")), str(fields.get("regular_price", "")), ids)
    put_on_sale(state, product, str(fields.get("sale_price") or ""))
    return Response(product, 201)


def add_category(state: State, name: str, parent: int = 0) -> Json:
    """Make a category, at the top or below another."""
    slug = name.lower().replace(" ", "-")
    category: Json = {"id": state.new_id("term"), "name": name, "slug": slug, "parent": parent, "description": ""}
    category |= {"display": "default", "image": None, "menu_order": 0, "count": 0}
    state.categories[category["id"]] = category
    return category


def list_categories(state: State, request: Request) -> Response:
    """GET /products/categories."""
    params = read_params(request.query, PAGE)
    found = in_ids(state.categories.values(), params)
    return paged(request, state.rest_link("products/categories"), found, params, lambda category: category)


def post_category(state: State, request: Request) -> Response:
    """POST /products/categories: a name and a parent."""
    fields = request.body
    return Response(add_category(state, str(fields.get("name", "")), int(fields.get("parent") or 0)), 201)


def with_ancestors(state: State, product: Json) -> list[int]:
    """The ids of a product's categories and of all above them, sorted."""
    found: set[int] = set()
    rising = {category["id"] for category in product["categories"]}
    while rising:
        found |= rising
        rising = {state.categories[one]["parent"] for one in rising if one in state.categories} - found - {0}
    return sorted(found)
