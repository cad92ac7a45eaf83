"""Notices that go out by mail, through a real server on this machine."""

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from engine.clock import VIETNAM, FixedClock, local
from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotPermittedError
from engine.model.document import Circulation, DocumentId
from engine.model.meeting import Guest
from engine.model.notice import (
    DigestDays,
    Mail,
    MailMode,
    MailState,
    NoticeKind,
    SubjectKind,
)
from engine.model.outage import Service
from engine.notifying import notify
from engine.ports_notices import Letter
from tests.factories.mail_server import (
    PASSWORD,
    USER,
    Mailbox,
    free_port,
    html_of,
    mail_server,
    text_of,
)
from tests.factories.meetings import PLANNER, STC, SYT, Table
from tests.houses import Stage, standing_clock
from webui.bootstrap import House, open_house
from webui.mail_settings import MailServer
from webui.mail_texts import HouseMailWriter
from webui.settings import Settings
from workflows.notices.send_mails import SendMails

ADDRESS = "chuyenvien@snv.example"
OFFICER = "snv.chuyenvien"
LEADER = "snv.lanhdao"
ADMINISTRATOR = "vpub.quantri"
SUBJECT = "báo cáo tình hình sử dụng chữ ký số"


@dataclass
class Post:
    """A house whose mail goes to a server of the test's own, and whose days the test tells."""

    house: House
    clock: FixedClock
    port: int
    box: Mailbox = field(default_factory=Mailbox)

    @property
    def stage(self) -> Stage:
        return Stage(self.house)

    def sweep(self) -> None:
        """Do what the sweep does every minute."""
        with self.house.start_work() as work:
            work.jobs.enqueue("send_mails", f"send_mails:{uuid.uuid4()}", {})
            work.commit()
        self.stage.run_jobs()

    def serve(self) -> None:
        """Let the server stand while what is due is sent."""
        with mail_server(self.box, port=self.port):
            self.sweep()

    def prefer(
        self, mode: MailMode = MailMode.SINGLE, login: str = OFFICER, **changes: object
    ) -> None:
        """Let a person prove an address and choose how to get mail."""
        actor = self.stage.actor(login)
        cases = self.house.use_cases.notices
        cases.ask_address(ADDRESS, actor)
        self.serve()
        link = text_of(self.box.mails.pop()).split("/thong-bao/thu/xac-nhan/")[1].split()[0]
        cases.prove_address(link, actor)
        values: dict[str, object] = {
            "digest_hour": 7,
            "digest_days": DigestDays.WORKING,
            "language": "vi",
        }
        cases.choose_mail(actor, mode=mode, **(values | changes))  # type: ignore[arg-type]

    def tell(self, login: str = OFFICER, **changes: object) -> None:
        """Tell a person of a returned document."""
        values: dict[str, object] = {
            "subject_kind": SubjectKind.DOCUMENT,
            "subject_id": "no-such-document",
            "title": f"Công văn {SUBJECT}",
            "now": self.clock.now(),
            "actor": self.stage.actor(LEADER),
        }
        with self.house.start_work() as work:
            notify(
                work,
                NoticeKind.DOCUMENT_RETURNED,
                [self.stage.actor(login).person_id],
                **(values | changes),  # type: ignore[arg-type]
            )
            work.commit()

    def tell_of(self, document_id: DocumentId, **changes: object) -> None:
        self.tell(subject_id=document_id, **changes)

    def mails(self, login: str = OFFICER) -> list[Mail]:
        with self.house.start_reading() as work:
            return list(work.mails.list_waiting(self.stage.actor(login).person_id))

    def stuck(self) -> list[str]:
        with self.house.start_reading() as work:
            rows = work.queries.list_stuck(self.clock.now())
        return [row.reason for row in rows if row.kind == "mail"]

    def is_out(self) -> bool:
        with self.house.start_reading() as work:
            return work.outages.find(Service.MAIL) is not None


@pytest.fixture
def post(installation: Path, tmp_path: Path) -> Iterator[Post]:
    yield from open_post(installation, tmp_path)


def open_post(installation: Path, tmp_path: Path, **server: object) -> Iterator[Post]:
    data_dir = tmp_path / "data"
    shutil.copytree(installation, data_dir)
    port = free_port()
    values: dict[str, object] = {"host": "127.0.0.1", "port": port, "sender": "bao@cantho.example"}
    settings = Settings(
        data_dir=data_dir,
        public_url="https://trinhky.example",
        mail_server=MailServer(**(values | server)),  # type: ignore[arg-type]
    )
    clock = standing_clock()
    house = open_house(settings, clock=clock)
    yield Post(house=house, clock=clock, port=port)
    house.close()


@pytest.fixture
def document_id(post: Post) -> DocumentId:
    return post.stage.draft()


def at_hour(post: Post, hour: int, *, weekday: int) -> datetime:
    """Move the clock to an hour of the next such weekday, 0 being Monday."""
    day = local(post.clock.now()).date() + timedelta(days=1)
    while day.weekday() != weekday:
        day += timedelta(days=1)
    post.clock.at = datetime.combine(day, time(hour), VIETNAM).astimezone(UTC)
    return post.clock.at


def test_send_mails_sends_one_mail_once_when_singles_are_wanted(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer()
    post.tell_of(document_id)
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()
        post.sweep()
        post.sweep()

    [mail] = post.box.mails
    assert mail["To"] == ADDRESS
    assert "bao@cantho.example" in mail["From"]
    assert "Văn bản bị trả lại: Công văn báo cáo tình hình" in mail["Subject"]
    assert "https://trinhky.example/thong-bao/" in text_of(mail)
    assert post.mails() == []


def test_send_mails_gathers_a_digest_when_the_hour_of_a_working_day_comes(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer(MailMode.DIGEST, digest_hour=7)
    at_hour(post, 17, weekday=4)
    post.tell_of(document_id, title="Công văn thứ nhất")
    post.clock.move(timedelta(minutes=5))
    post.tell_of(document_id, title="Công văn thứ hai")

    for hour, weekday, sent in ((8, 5, 0), (8, 6, 0), (6, 0, 0), (7, 0, 1), (8, 0, 1)):
        at_hour_after(post, hour, weekday)
        post.serve()
        assert len(post.box.mails) == sent, (hour, weekday)

    [mail] = post.box.mails
    assert "2 thông báo chưa đọc" in mail["Subject"]
    assert "Công văn thứ nhất" in text_of(mail)
    assert "Công văn thứ hai" in text_of(mail)
    assert text_of(mail).index("thứ nhất") < text_of(mail).index("thứ hai")


def at_hour_after(post: Post, hour: int, weekday: int) -> None:
    """Move the clock on to the next moment of that weekday and hour, today if it is to come."""
    day = local(post.clock.now()).date()
    at = datetime.combine(day, time(hour), VIETNAM)
    while day.weekday() != weekday or at <= post.clock.now():
        day += timedelta(days=1)
        at = datetime.combine(day, time(hour), VIETNAM)
    post.clock.at = at.astimezone(UTC)


def test_send_mails_sends_a_digest_on_sunday_when_all_days_are_chosen(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer(MailMode.DIGEST, digest_hour=9, digest_days=DigestDays.ALL)
    at_hour(post, 22, weekday=5)
    post.tell_of(document_id)
    at_hour_after(post, 9, 6)
    post.serve()

    assert len(post.box.mails) == 1


def test_send_mails_starts_another_digest_when_the_last_one_was_sent(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer(MailMode.DIGEST, digest_hour=7)
    at_hour(post, 12, weekday=0)
    post.tell_of(document_id, title="Việc của thứ Hai")
    at_hour_after(post, 7, 1)
    post.serve()
    post.tell_of(document_id, title="Việc của thứ Ba")
    post.serve()
    assert len(post.box.mails) == 1
    at_hour_after(post, 7, 2)
    post.serve()

    assert "Việc của thứ Ba" in text_of(post.box.mails[1])
    assert "Việc của thứ Hai" not in text_of(post.box.mails[1])


def test_send_mails_leaves_out_what_was_read_when_the_digest_goes_out(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer(MailMode.DIGEST)
    post.tell_of(document_id)
    post.house.use_cases.notices.read_all(post.stage.actor(OFFICER))
    [mail] = post.mails()
    post.clock.move(timedelta(days=7))
    post.serve()

    assert post.box.mails == []
    with post.house.start_reading() as work:
        assert work.mails.get(mail.id).state is MailState.SKIPPED


def test_send_mails_names_nothing_when_the_document_is_for_internal_circulation(
    post: Post,
) -> None:
    limited = post.stage.draft(circulation=Circulation.INTERNAL)
    post.prefer(language="en")
    post.tell_of(limited)
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()

    [mail] = post.box.mails
    for words in (mail["Subject"], text_of(mail), html_of(mail)):
        assert "Văn bản bị trả lại" in words
        assert SUBJECT not in words
        assert post.stage.actor(LEADER).full_name not in words
    assert "lưu hành nội bộ" in text_of(mail)


def test_send_mails_names_nothing_when_the_document_was_limited_after_the_notice(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer()
    post.tell_of(document_id)
    document = post.stage.document(document_id)
    post.house.use_cases.save_draft(
        document_id,
        post.stage.content(circulation=Circulation.INTERNAL),
        post.stage.actor(OFFICER),
        seen_version=document.version,
    )
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()

    assert SUBJECT not in text_of(post.box.mails[0])


def test_send_mails_names_nothing_when_the_notice_itself_is_restricted(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer()
    post.tell_of(document_id, restricted=True)
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()

    assert SUBJECT not in post.box.mails[0].as_string()
    assert SUBJECT not in text_of(post.box.mails[0])


def test_send_mails_never_carries_what_a_document_says_when_it_tells_of_it(post: Post) -> None:
    told_inside = "Nội dung chỉ người trong cuộc được đọc."
    document_id = post.stage.draft(body=f"{told_inside}\nXin trân trọng cảm ơn./.")
    post.prefer()
    post.tell_of(document_id)
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()

    assert told_inside not in text_of(post.box.mails[0])
    assert told_inside not in html_of(post.box.mails[0])


def test_send_mails_sends_nothing_when_the_person_may_no_longer_see_the_thing(post: Post) -> None:
    post.prefer()
    post.tell_of(DocumentId("no-such-document"))
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()

    assert post.box.mails == []
    assert post.mails() == []


def test_send_mails_names_the_meeting_when_its_guest_is_left_out(post: Post) -> None:
    table = Table(post.stage, post.clock)
    meeting_id = table.invited(guests=[Guest(agency_id=STC), Guest(agency_id=SYT)])
    post.prefer(login="syt.vanthu")
    table.cases.change(
        table.task(meeting_id),
        table.plan_of(),
        [Guest(agency_id=STC)],
        post.stage.actor(PLANNER),
        seen_version=table.meeting(meeting_id).version,
        reason="Lý do riêng.",
    )
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()

    [mail] = post.box.mails
    assert table.plan_of().title in text_of(mail)
    assert "Lý do riêng" not in text_of(mail)


def test_send_mails_sends_nothing_when_the_person_has_left(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer(MailMode.DIGEST)
    post.tell_of(document_id)
    with post.house.start_work() as work:
        for held in post.stage.actor(OFFICER).posts:
            work.organisation.end_post(held.id, local(post.clock.now()).date())
        work.commit()
    post.clock.move(timedelta(days=7))
    post.serve()

    assert post.box.mails == []


def test_send_mails_says_both_languages_when_english_is_chosen(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer(language="en")
    post.tell_of(document_id, title='<b>"Tên" & họ</b>')
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()

    [mail] = post.box.mails
    assert "Kính gửi" in text_of(mail)
    assert "&lt;b&gt;&quot;Tên&quot; &amp; họ&lt;/b&gt;" in html_of(mail)
    assert mail["Subject"].count(" / ") == 1


def test_send_mails_tries_again_when_the_server_was_away(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer()
    post.tell_of(document_id)
    post.stage.run_jobs()
    assert post.is_out()
    [waiting] = post.mails()
    assert waiting.tries == 1
    assert "ConnectionRefusedError" in waiting.reason

    post.serve()
    assert post.box.mails == []  # not before its next try
    post.clock.move(timedelta(minutes=2))
    post.serve()

    assert len(post.box.mails) == 1
    assert not post.is_out()
    assert post.stuck() == []


def test_send_mails_leaves_a_silent_server_alone_when_another_mail_is_due(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer()
    post.tell_of(document_id)
    post.stage.run_jobs()
    post.tell_of(document_id)
    post.stage.run_jobs()

    assert sorted(mail.tries for mail in post.mails()) == [0, 1]
    post.sweep()
    assert sorted(mail.tries for mail in post.mails()) == [1, 1]


def test_list_stuck_shows_a_mail_when_its_password_cannot_be_said(
    installation: Path, tmp_path: Path
) -> None:
    password_file = tmp_path / "smtp-password"
    password_file.write_text(PASSWORD, encoding="utf-8")
    opened = open_post(installation, tmp_path, user=USER, password_file=password_file)
    post = next(opened)
    document_id = post.stage.draft()
    with mail_server(post.box, port=post.port, asks_password=True):
        actor = post.stage.actor(OFFICER)
        cases = post.house.use_cases.notices
        cases.ask_address(ADDRESS, actor)
        post.stage.run_jobs()
        link = text_of(post.box.mails.pop()).split("/xac-nhan/")[1].split()[0]
        cases.prove_address(link, actor)
        password_file.write_text("mật-khẩu", encoding="utf-8")
        post.tell_of(document_id)
        post.clock.move(timedelta(days=2))
        for _ in range(5):
            post.clock.move(timedelta(hours=2))
            post.sweep()
        [reason] = post.stuck()
    next(opened, None)

    assert "ASCII" in reason
    assert "mật" not in reason


class SlowMailer:
    """Takes every mail, each after a while."""

    def __init__(self, clock: FixedClock, each: timedelta) -> None:
        self.clock, self.each, self.taken = clock, each, 0

    def is_configured(self) -> bool:
        return True

    def send(self, letter: Letter) -> None:
        self.clock.move(self.each)
        self.taken += 1


def test_send_mails_ends_its_run_when_the_server_is_slow(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer()
    for _ in range(5):
        post.tell_of(document_id)
    slow = SlowMailer(post.clock, timedelta(seconds=50))
    send = SendMails(
        start_work=post.house.start_work,
        clock=post.clock,
        mailer=slow,
        writer=HouseMailWriter(base_url="https://trinhky.example"),
    )
    send({})
    assert slow.taken == 3
    assert [mail.tries for mail in post.mails()] == [0, 0]
    send({})

    assert slow.taken == 5
    assert post.mails() == []


def test_list_stuck_shows_a_mail_when_five_tries_failed(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer()
    post.tell_of(document_id)
    post.stage.run_jobs()
    for _ in range(3):
        post.clock.move(timedelta(hours=2))
        post.sweep()
    assert post.stuck() == []
    post.clock.move(timedelta(hours=2))
    post.sweep()

    [reason] = post.stuck()
    assert "ConnectionRefusedError" in reason
    post.clock.move(timedelta(hours=2))
    post.serve()
    assert len(post.box.mails) == 1
    assert post.stuck() == []


def test_send_mails_gives_up_when_a_week_has_passed(post: Post, document_id: DocumentId) -> None:
    post.prefer()
    post.tell_of(document_id)
    post.clock.move(timedelta(days=8))
    post.sweep()
    post.clock.move(timedelta(days=1))
    post.serve()

    assert post.box.mails == []
    assert len(post.stuck()) == 1


@pytest.mark.parametrize("answer", ["451 try later", "rcpt 450 greylisted"])
def test_send_mails_tries_again_when_the_server_says_not_now(
    post: Post, document_id: DocumentId, answer: str
) -> None:
    post.prefer()
    post.tell_of(document_id)
    post.box.answers = [answer]
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()
        assert post.box.mails == []
        assert not post.is_out()
        post.clock.move(timedelta(minutes=2))
        post.sweep()

    assert len(post.box.mails) == 1


@pytest.mark.parametrize("answer", ["550 no such mailbox", "rcpt 550 no such mailbox"])
def test_send_mails_gives_a_mail_up_when_the_server_says_never(
    post: Post, document_id: DocumentId, answer: str
) -> None:
    post.prefer()
    post.tell_of(document_id)
    post.box.answers = [answer]
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()
        post.clock.move(timedelta(hours=2))
        post.sweep()

    assert post.box.mails == []
    assert post.stuck() == ["550 no such mailbox"]
    assert not post.is_out()


def test_send_mails_goes_on_with_the_others_when_one_is_refused(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer()
    post.tell_of(document_id, title="Thư thứ nhất")
    post.clock.move(timedelta(seconds=1))
    post.tell_of(document_id, title="Thư thứ hai")
    post.box.answers = ["550 spam"]
    post.serve()

    assert ["Thư thứ hai" in text_of(mail) for mail in post.box.mails] == [True]


def test_send_mails_keeps_the_message_id_when_the_server_hangs_up_after_taking_the_mail(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer()
    post.tell_of(document_id)
    post.box.drops = True
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()
    post.box.drops = False
    post.clock.move(timedelta(minutes=2))
    post.serve()
    post.clock.move(timedelta(minutes=2))
    post.serve()

    first, second = post.box.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_retry_mail_sends_it_when_an_administrator_asks(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer()
    post.tell_of(document_id)
    post.box.answers = ["550 mailbox full of doubt"]
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()
        with post.house.start_reading() as work:
            [stuck] = work.mails.list_stuck()
        retry = post.house.use_cases.notices.retry_mail
        with pytest.raises(NotPermittedError):
            retry(stuck.mail.id, post.stage.actor(OFFICER))
        retry(stuck.mail.id, post.stage.actor(ADMINISTRATOR))
        post.stage.run_jobs()
        with pytest.raises(ConflictError) as refused:
            retry(stuck.mail.id, post.stage.actor(ADMINISTRATOR))

    assert len(post.box.mails) == 1
    assert post.stuck() == []
    assert refused.value.code is ErrorCode.MAIL_NOT_STUCK


def test_find_due_leaves_a_mail_to_its_taker_when_it_is_claimed(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer()
    post.tell_of(document_id)
    with post.house.start_work() as work:
        found = work.mails.find_due(post.clock.now())
        assert found is not None
        later = post.clock.now() + timedelta(minutes=5)
        claimed = Mail(**(vars(found) | {"next_try_at": later}))
        assert work.mails.save(claimed, seen=found)
        assert not work.mails.save(claimed, seen=found)
        assert work.mails.find_due(post.clock.now()) is None
        work.commit()


def test_send_mails_reports_the_answer_when_the_password_is_wrong(
    installation: Path, tmp_path: Path
) -> None:
    password_file = tmp_path / "smtp-password"
    password_file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    opened = open_post(installation, tmp_path, user=USER, password_file=password_file)
    post = next(opened)
    document_id = post.stage.draft()
    with mail_server(post.box, port=post.port, asks_password=True):
        actor = post.stage.actor(OFFICER)
        cases = post.house.use_cases.notices
        cases.ask_address(ADDRESS, actor)
        post.stage.run_jobs()
        link = text_of(post.box.mails.pop()).split("/xac-nhan/")[1].split()[0]
        assert cases.prove_address(link, actor).mode is MailMode.DIGEST
        password_file.write_text("sai", encoding="utf-8")
        post.tell_of(document_id)
        post.clock.move(timedelta(days=5))
        post.sweep()
        [waiting] = post.mails()
        assert waiting.reason.startswith("535 ")
        assert "sai" not in waiting.reason
        assert post.is_out()
        password_file.unlink()
        post.clock.move(timedelta(hours=2))
        post.sweep()
        [waiting] = post.mails()
        assert str(tmp_path) not in waiting.reason
        password_file.write_text(PASSWORD, encoding="utf-8")
        post.clock.move(timedelta(hours=2))
        post.sweep()
    next(opened, None)

    assert len(post.box.mails) == 1


def test_ask_address_sends_nothing_but_the_link_when_the_address_is_not_proved(
    post: Post, document_id: DocumentId
) -> None:
    actor = post.stage.actor(OFFICER)
    cases = post.house.use_cases.notices
    cases.ask_address(ADDRESS, actor)
    post.tell_of(document_id)
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()
        post.sweep()
    with pytest.raises(InvalidInputError) as refused:
        cases.choose_mail(
            actor,
            mode=MailMode.SINGLE,
            digest_hour=7,
            digest_days=DigestDays.ALL,
            language="vi",
        )

    assert len(post.box.mails) == 1
    assert "/thong-bao/thu/xac-nhan/" in text_of(post.box.mails[0])
    assert refused.value.code is ErrorCode.MAIL_ADDRESS_MISSING


def test_prove_address_refuses_a_link_when_it_is_old_used_or_anothers(post: Post) -> None:
    actor, other = post.stage.actor(OFFICER), post.stage.actor(LEADER)
    cases = post.house.use_cases.notices
    links = []
    for address in ("mot@snv.example", "hai@snv.example"):
        cases.ask_address(address, actor)
        post.serve()
        links.append(text_of(post.box.mails[-1]).split("/xac-nhan/")[1].split()[0])

    def check_refused(link: str, by: object = actor) -> None:
        with pytest.raises(InvalidInputError) as refused:
            cases.prove_address(link, by)  # type: ignore[arg-type]
        assert refused.value.code is ErrorCode.MAIL_LINK_INVALID

    check_refused(links[0])
    check_refused(links[1], other)
    check_refused("")
    assert cases.prove_address(links[1], actor).address == "hai@snv.example"
    check_refused(links[1])
    cases.ask_address("ba@snv.example", actor)
    post.serve()
    late = text_of(post.box.mails[-1]).split("/xac-nhan/")[1].split()[0]
    post.clock.move(timedelta(hours=25))
    check_refused(late)
    assert cases.view.mail(actor).address == "hai@snv.example"


def test_ask_address_refuses_when_five_links_were_sent_in_a_day(post: Post) -> None:
    actor = post.stage.actor(OFFICER)
    cases = post.house.use_cases.notices
    for number in range(5):
        cases.ask_address(f"so{number}@snv.example", actor)
    with pytest.raises(ConflictError) as refused:
        cases.ask_address(ADDRESS, actor)
    post.serve()
    post.clock.move(timedelta(days=1, minutes=1))
    cases.ask_address(ADDRESS, actor)

    assert refused.value.code is ErrorCode.MAIL_TOO_OFTEN
    assert [mail["To"] for mail in post.box.mails] == ["so4@snv.example"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "khong-co-a-cong",
        "a@b",
        "a@@b.vn",
        "a b@c.vn",
        "a@b.vn\nBcc: x@y.vn",
        "a@b.vn\r\nSubject: x",
        "thư@cơquan.vn",
        "a..b@c.vn",
        "a.@c.vn",
        "<a@b.vn>",
        "a@b.vn, c@d.vn",
        "a@-b.vn",
        f"a@{'b' * 64}.vn",
        f"{'a' * 65}@b.vn",
        "a@" + "b." * 130 + "vn",
    ],
)
def test_ask_address_refuses_when_it_is_none(post: Post, address: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        post.house.use_cases.notices.ask_address(address, post.stage.actor(OFFICER))

    assert refused.value.code is ErrorCode.MAIL_ADDRESS_INVALID


def test_drop_address_forgets_it_when_mail_waits(post: Post, document_id: DocumentId) -> None:
    post.prefer()
    post.tell_of(document_id)
    actor = post.stage.actor(OFFICER)
    post.house.use_cases.notices.drop_address(actor)
    post.serve()

    known = post.house.use_cases.notices.view.mail(actor)
    assert (known.address, known.mode) == ("", MailMode.OFF)
    assert post.box.mails == []
    assert post.mails() == []


def choose(post: Post, mode: MailMode, hour: int = 7) -> None:
    post.house.use_cases.notices.choose_mail(
        post.stage.actor(OFFICER),
        mode=mode,
        digest_hour=hour,
        digest_days=DigestDays.ALL,
        language="vi",
    )


def test_choose_mail_sends_the_digest_now_when_singles_are_chosen(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer(MailMode.DIGEST)
    post.tell_of(document_id)
    choose(post, MailMode.SINGLE)
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()

    assert len(post.box.mails) == 1


def test_choose_mail_moves_the_digest_when_another_hour_is_chosen(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer(MailMode.DIGEST)
    at_hour(post, 8, weekday=0)
    post.tell_of(document_id)
    choose(post, MailMode.DIGEST, hour=10)
    [mail] = post.mails()

    assert local(mail.due_at).hour == 10
    assert local(mail.due_at).date() == local(post.clock.now()).date()


def test_choose_mail_drops_what_waits_when_no_mail_is_wanted(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer(MailMode.DIGEST)
    post.tell_of(document_id)
    choose(post, MailMode.OFF)
    post.tell_of(document_id)

    assert post.mails() == []


@pytest.mark.parametrize("hour", [-1, 24])
def test_choose_mail_refuses_when_there_is_no_such_hour(post: Post, hour: int) -> None:
    with pytest.raises(InvalidInputError):
        choose(post, MailMode.OFF, hour=hour)


def test_ask_address_refuses_when_no_server_is_set(house: House, stage: Stage) -> None:
    with pytest.raises(ConflictError) as refused:
        house.use_cases.notices.ask_address(ADDRESS, stage.actor(OFFICER))

    assert refused.value.code is ErrorCode.MAIL_UNAVAILABLE


def test_forget_notices_deletes_old_ones_with_their_mails_when_their_time_is_over(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer()
    post.tell_of(document_id)
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()
    post.clock.move(timedelta(days=100))
    post.tell_of(document_id)
    post.clock.move(timedelta(days=81))
    with post.house.start_work() as work:
        work.jobs.enqueue("forget_notices", "forget_notices:1", {})
        work.commit()
    post.stage.run_jobs()

    actor = post.stage.actor(OFFICER)
    assert len(post.house.use_cases.notices.view(actor).rows) == 1


def test_send_mails_leaves_out_what_somebody_wrote_when_a_sentence_would_show_it(
    post: Post, document_id: DocumentId
) -> None:
    post.prefer()
    with post.house.start_work() as work:
        notify(
            work,
            NoticeKind.SCHEDULE_RETURNED,
            [post.stage.actor(OFFICER).person_id],
            subject_kind=SubjectKind.DOCUMENT,
            subject_id=document_id,
            title="Lịch tuần 48",
            now=post.clock.now(),
            reason="Chuyện riêng của lãnh đạo",
        )
        work.commit()
    with mail_server(post.box, port=post.port):
        post.stage.run_jobs()

    assert "Lịch tuần 48" in text_of(post.box.mails[0])
    assert "Chuyện riêng" not in text_of(post.box.mails[0])
