"""Give every page its frame: who is signed in, where they can go, what waits there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask, g, request, url_for

from engine.model.organisation import Actor, Role
from engine.permissions import Permission, is_permitted
from engine.queries import Basket
from webui.archive_words import outage_sentence
from webui.i18n import LOCALES, current_locale, say
from webui.i18n import mark as _l
from webui.login import find_actor, the_house
from webui.words import BASKETS

THEME_COOKIE = "trinhky_theme"
KEYS_COOKIE = "trinhky_keys"
THEMES = ("auto", "light", "dark")

BASKETS_OF_ROLE: Mapping[Role, tuple[Basket, ...]] = {
    Role.DESK_OFFICER: (Basket.DRAFTS, Basket.RETURNED, Basket.TO_HANDLE),
    Role.DIVISION_HEAD: (Basket.TO_REVIEW,),
    Role.CLERK: (Basket.TO_REVIEW, Basket.TO_NUMBER, Basket.ARRIVALS),
    Role.LEADER: (Basket.TO_SIGN, Basket.TO_DIRECT),
    Role.AUDITOR: (),
    Role.ADMINISTRATOR: (),
}

#: Who asks for certified copies, decides on them or makes them.
COPY_ROLES = frozenset({Role.DESK_OFFICER, Role.CLERK, Role.LEADER})

BASKET_ICONS: Mapping[Basket, str] = {
    Basket.TO_SIGN: "pen",
    Basket.TO_REVIEW: "check2-square",
    Basket.DRAFTS: "file-earmark-text",
    Basket.RETURNED: "arrow-return-left",
    Basket.TO_NUMBER: "123",
    Basket.ARRIVALS: "inbox",
    Basket.TO_DIRECT: "megaphone",
    Basket.TO_HANDLE: "clock-history",
    Basket.ASSIGNED: "list-task",
    Basket.COOPERATION: "people-fill",
    Basket.TO_DECIDE: "patch-check",
    Basket.TO_ADVISE: "people",
    Basket.COPIES: "award",
    Basket.SCHEDULES: "calendar-week",
    Basket.TO_REPLY: "envelope-open",
    Basket.MEETINGS: "calendar-event",
    Basket.TO_CERTIFY: "person-badge",
    Basket.OVERDUE: "hourglass-split",
}


@dataclass(frozen=True)
class NavItem:
    """Hold one entry of the navigation."""

    url: str
    label: str
    icon: str
    count: int = 0
    current: bool = False


@dataclass(frozen=True)
class ShellPerson:
    """Hold how the frame names the person."""

    id: str
    name: str
    initials: str
    post: str


@dataclass(frozen=True)
class Bell:
    """Hold how many notices are unread; more than 99 are not counted."""

    url: str
    count: int

    @property
    def shown(self) -> str:
        """Return the number as it stands beside the bell, "" for none."""
        return "99+" if self.count > 99 else str(self.count or "")


@dataclass(frozen=True, kw_only=True)
class Shell:
    """Hold the frame of one page for one person."""

    agency: str
    person: ShellPerson
    nav: list[list[NavItem]]
    home_url: str
    search_url: str
    search_text: str
    settings_url: str
    logout_url: str
    alarms: list[str] = field(default_factory=list)
    bell: Bell | None = None


def shown_baskets(actor: Actor, counts: Mapping[Basket, int]) -> list[Basket]:
    """Return the baskets the person's roles use, and any other that holds something."""
    used = {basket for post in actor.posts for basket in BASKETS_OF_ROLE[post.role]}
    return [basket for basket in BASKETS if basket in used or counts.get(basket)]


def count_baskets() -> Mapping[Basket, int]:
    """Return what waits in each basket of the person, read once a request."""
    if "counts" not in g:
        actor = find_actor()
        with the_house().start_reading() as work:
            waiting = work.queries.count_waiting(actor) if actor else None
            g.counts = waiting.baskets if waiting else {}
            g.unread = waiting.unread if waiting else 0
            g.agency_name = (
                work.organisation.get_agency(actor.posts[0].agency_id).name
                if actor and actor.posts
                else ""
            )
    counts: Mapping[Basket, int] = g.counts
    return counts


def use_frame(*, current: str) -> None:
    """Mark the entry of the navigation that the page belongs to."""
    g.current = current


def init_shell(app: Flask) -> None:
    """Give the frame's values to every template."""
    app.context_processor(_frame_values)


def _frame_values() -> dict[str, object]:
    locale = current_locale()
    other = next(each for each in LOCALES if each != locale)
    theme = request.cookies.get(THEME_COOKIE, "")
    return {
        "locale": locale,
        "theme": theme if theme in THEMES else "auto",
        "keys_off": request.cookies.get(KEYS_COOKIE) == "off",
        "shell": _shell(),
        "language_url": url_for("preferences.language", locale=other, next=_here()),
        "licences_url": url_for("about.licences"),
    }


#: Page of each thing, by how addresses name its id; what is more of its own comes first.
_SUBJECT_PAGES: Mapping[str, str] = {
    "document_id": "documents.show",
    "copy_id": "copies.show",
    "schedule_id": "schedules.show",
    "meeting_id": "meetings.show",
    "assignment_id": "assignments.show",
    "delivery_id": "arrivals.show",
}


def subject_url() -> str | None:
    """Return the page of what a form was about, by the address the form went to."""
    if request.method == "GET":
        return None
    named = request.view_args or {}
    found = ((name, view) for name, view in _SUBJECT_PAGES.items() if name in named)
    return next((url_for(view, **{name: named[name]}) for name, view in found), None)


def _here() -> str:
    """Return an address that shows this page again, for a page that answers a form too."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    if request.endpoint == "drafts.save":
        return request.path
    return subject_url() or "/"


def _shell() -> Shell | None:
    # A page about a store that does not answer must not ask the store.
    actor = None if g.get("is_failing") else find_actor()
    if actor is None or not actor.posts:
        return None
    counts = count_baskets()
    words = actor.full_name.split()
    return Shell(
        agency=g.agency_name,
        person=ShellPerson(
            id=actor.person_id,
            name=actor.full_name,
            initials=(words[0][:1] + words[-1][:1]).upper(),
            post=actor.posts[0].title,
        ),
        nav=_navigation(actor, counts),
        home_url=url_for("work.home"),
        search_url=url_for("search.search"),
        search_text=request.args.get("q", "") if request.endpoint == "search.search" else "",
        settings_url=url_for("preferences.show"),
        logout_url=url_for("access.sign_out"),
        alarms=_alarms(actor),
        bell=Bell(url=url_for("notices.index"), count=g.unread),
    )


def _alarms(actor: Actor) -> list[str]:
    """Return which services are silent, for those who sign and those who look after them."""
    roles = {post.role for post in actor.posts}
    if not roles & {Role.LEADER, Role.CLERK, Role.ADMINISTRATOR}:
        return []
    with the_house().start_reading() as work:
        return [outage_sentence(outage) for outage in work.outages.list_current()]


def _navigation(actor: Actor, counts: Mapping[Basket, int]) -> list[list[NavItem]]:
    current = g.get("current", "")
    baskets = [
        NavItem(
            url=url_for("work.basket", basket=basket.value),
            label=say(BASKETS[basket]),
            icon=BASKET_ICONS[basket],
            count=counts.get(basket, 0),
            current=current == basket,
        )
        for basket in shown_baskets(actor, counts)
    ]
    first = [
        ("today", url_for("today.show"), say(_l("Hôm nay")), "house"),
        ("boards", url_for("boards.index"), say(_l("Bảng theo dõi")), "bar-chart-steps"),
    ]
    books = [
        ("documents", url_for("documents.index"), say(_l("Văn bản đi")), "send"),
        ("arrivals", url_for("arrivals.index"), say(_l("Tất cả văn bản đến")), "archive"),
        ("assignments", url_for("assignments.index"), say(_l("Nhiệm vụ")), "list-task"),
        ("registers", url_for("registers.show", book="di"), say(_l("Sổ văn bản")), "journal-text"),
    ]
    books.append(
        ("indicators", url_for("indicators.index"), say(_l("Báo cáo, chỉ số")), "bar-chart")
    )
    if any(post.role in COPY_ROLES for post in actor.posts):
        books.append(("copies", url_for("copies.index"), say(_l("Bản sao")), "award"))
    books.append(("meetings", url_for("meetings.index"), say(_l("Cuộc họp")), "calendar-event"))
    books.append(
        ("schedules", url_for("schedules.index"), say(_l("Lịch làm việc")), "calendar-week")
    )
    certificates = say(_l("Chứng thư số"))
    tools = [("verify", url_for("verification.form"), say(_l("Kiểm tra chữ ký")), "shield-check")]
    tools.append(("certificates", url_for("certificates.index"), certificates, "person-badge"))
    deputies = say(_l("Ủy quyền xử lý"))
    tools.append(("delegations", url_for("delegations.index"), deputies, "people"))
    if is_permitted(Permission.PRESERVATION_VIEW, actor):
        archive = say(_l("Lưu trữ lâu dài"))
        tools.append(("preservation", url_for("preservation.index"), archive, "safe"))
    if is_permitted(Permission.INSTALLATION_VIEW, actor):
        stuck = say(_l("Việc đang kẹt"))
        tools.append(("administration", url_for("administration.stuck"), stuck, "gear"))
    if is_permitted(Permission.PROCESS_ADMINISTER, actor):
        registry = say(_l("Quản lý chứng thư số"))
        url = url_for("certificate_registry.index")
        tools.append(("certificate_registry", url, registry, "card-list"))
        signing = say(_l("Thẩm quyền ký"))
        tools.append(("authority", url_for("authority.index"), signing, "pen"))
        trusted = say(_l("Tổ chức chứng thực"))
        tools.append(("trust", url_for("trust.index"), trusted, "patch-check"))
        flows = say(_l("Quy trình, hồ sơ"))
        tools.append(("processes", url_for("processes.index"), flows, "diagram-3"))
    groups = [
        [NavItem(url, label, icon, current=current == name) for name, url, label, icon in group]
        for group in (first, books, tools)
    ]
    return [group for group in (groups[0], baskets, *groups[1:]) if group]
