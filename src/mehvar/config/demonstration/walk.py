"""Take the sample directives through the main job, step by step, each on its day."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mehvar.accounts.data import Role
from mehvar.config.demonstration import byhand, cast, exchange, exchange_events, exchange_inquiries, samples
from mehvar.config.demonstration import programmes_obstacles as obstacles
from mehvar.config.demonstration import programmes_plans as plans
from mehvar.config.demonstration import programmes_progress as progress
from mehvar.config.demonstration import programmes_stocktake as stocktake
from mehvar.config.demonstration.cast import Seat
from mehvar.config.environment import CLOCK_SHIFT_FILE
from mehvar.directives.actions import (
    agenda,
    alignment,
    approval,
    cascade,
    consultation,
    council,
    duties,
    editor,
    imports,
    measures,
    opinions,
    promulgation,
    resolutions,
    review,
    revision,
)
from mehvar.directives.actions.council import Presence
from mehvar.directives.data import Answer, CouncilDecision, OpinionKind, OpinionTarget, Priority
from mehvar.directives.queries import cascade as cascade_queries
from mehvar.directives.queries import consultation as consultation_queries
from mehvar.directives.queries import content as contents
from mehvar.directives.queries import council as council_queries
from mehvar.directives.queries import duties as duty_queries
from mehvar.directives.rules.content import DirectiveContent, hash_of
from mehvar.kernel import clock
from mehvar.kernel.calendars import Calendar, StatedDate
from mehvar.kernel.periods import Period
from mehvar.organisations import queries as organisations
from mehvar.organisations.actions import committees, packs
from mehvar.organisations.data import Capacity, CommitteeKind

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.directives.models import CouncilSession, Directive, ImportDocument

NOW = datetime(2020, 8, 3, 6, 0, tzinfo=UTC)
SECOND_ROUND = ("khorasan", "post.officer")
"""Who reports in the second round by the time of the stocktake; the others still have days left."""
PERSIAN, VIETNAMESE, ENGLISH = "fa-1399-production-leap", "vn-2020-orientation", "en-open-data"


def is_prepared(home: Path) -> bool:
    """Tell whether a demonstration was walked to its end in this folder."""
    return (home / CLOCK_SHIFT_FILE).exists()


def prepare(home: Path) -> None:
    """Remember by how much the demonstration's clock differs, so that its directives are of this week."""
    seconds = int((NOW - datetime.now(UTC)).total_seconds())
    (home / CLOCK_SHIFT_FILE).write_text(str(seconds))


@dataclass(slots=True)
class Walk:
    """Hold the cast and what the steps have made so far."""

    password: str
    people: dict[str, "User"] = field(default_factory=dict)
    documents: dict[str, "ImportDocument"] = field(default_factory=dict)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    session: "CouncilSession | None" = None
    theme_id: int = 0
    duty_ids: list[int] = field(default_factory=list)
    exchange: dict[str, Any] = field(default_factory=dict)

    @property
    def steps(self) -> list[tuple[str, datetime, Callable[[], str]]]:
        """Return the steps in order: what is done, on which day, and the function that does it."""
        return [
            ("Loading the registers of Iran and Viet Nam", day(3, 20), self.load_registers),
            ("Seating the offices", day(3, 21), self.seat_offices),
            ("Theme of the year, legal duties, outside plan", day(3, 25), self.register_duties),
            (
                "Importing the Persian directive",
                day(3, 28),
                lambda: self.import_sample(PERSIAN, "planning", "ir.mict"),
            ),
            ("Reviewing it", day(3, 29), lambda: self.finish_review(PERSIAN, "planning")),
            ("Outcomes, priorities, alignment", day(3, 30), self.complete_text),
            ("Consultation of the deputies", day(4, 4), self.consult),
            ("Answering every proposal", day(4, 9), self.answer),
            ("Council of deputies", day(4, 11), self.hold_council),
            ("Approval by the minister", day(4, 13), lambda: self.approve(PERSIAN, "minister")),
            (
                "Promulgation and cascade",
                day(4, 14),
                lambda: self.promulgate(PERSIAN, "planning", "1399/001"),
            ),
            ("First acknowledgements", day(4, 16), lambda: self.acknowledge_some(PERSIAN)),
            ("A circular written by hand", day(4, 18), lambda: byhand.write_by_hand(self)),
            (
                "Importing the Vietnamese directive",
                day(4, 16),
                lambda: self.import_sample(VIETNAMESE, "planning.vn", "vn.mic"),
            ),
            ("Reviewing it", day(4, 17), lambda: self.finish_review(VIETNAMESE, "planning.vn")),
            ("Consultation on it", day(4, 18), self.consult_vietnam),
            (
                "Importing the English directive",
                day(4, 18),
                lambda: self.import_sample(ENGLISH, "planning", "ir.mict"),
            ),
            ("A programme over the directive", day(4, 19), lambda: plans.start_programme(self)),
            ("Call for plans to all provinces", day(4, 20), lambda: plans.open_call(self)),
            ("Plans of provinces", day(5, 5), lambda: plans.file_plans(self)),
            ("Review of the plans", day(5, 12), lambda: plans.review_plans(self)),
            ("Provincial committees", day(5, 13), lambda: obstacles.form_committees(self)),
            (
                "Reports for the spring: asked",
                day(6, 22),
                lambda: progress.ask_for_reports(self, PERSIAN, "1399-Q1"),
            ),
            (
                "Reports for the spring: given",
                day(6, 27),
                lambda: progress.report_progress(self, PERSIAN, "1399-Q1"),
            ),
            ("Reports reviewed", day(7, 1), lambda: progress.review_reports(self, PERSIAN, "1399-Q1")),
            ("Obstacles raised", day(7, 5), lambda: obstacles.raise_obstacles(self)),
            ("A firm's word from outside", day(7, 5), lambda: obstacles.hear_from_outside(self)),
            ("An obstacle removed", day(7, 7), lambda: obstacles.remove_one(self)),
            ("Clocks of obstacles", day(7, 20), lambda: obstacles.let_clocks_run(self)),
            ("A committee's proposal answered", day(7, 21), lambda: obstacles.propose_and_answer(self)),
            ("Meetings with stakeholders", day(7, 22), lambda: obstacles.meet_stakeholders(self)),
            ("More time asked", day(7, 23), lambda: progress.ask_more_time(self)),
            ("Completion claimed and verified", day(7, 24), lambda: progress.claim_and_verify(self)),
            ("The period closes", day(7, 25), lambda: progress.close_period(self, PERSIAN, "1399-Q1")),
            (
                "A second round, by month",
                day(7, 26),
                lambda: progress.ask_for_reports(self, PERSIAN, "1399-04"),
            ),
            (
                "Reports for Tir: given",
                day(7, 29),
                lambda: progress.report_progress(self, PERSIAN, "1399-04", base=35, bodies=SECOND_ROUND),
            ),
            (
                "Reports for Tir reviewed",
                day(7, 31),
                lambda: progress.review_reports(self, PERSIAN, "1399-04"),
            ),
            ("An exchange of three members", day(7, 27), lambda: exchange.found_exchange(self)),
            ("Services with descriptions", day(7, 27), lambda: exchange.offer_services(self)),
            ("A key with proof", day(7, 28), lambda: exchange.register_key(self)),
            ("Access asked and granted", day(7, 28), lambda: exchange.ask_for_access(self)),
            ("Events told and received", day(7, 28), lambda: exchange_events.tell_events(self)),
            ("An officer asks, with receipts", day(7, 29), lambda: exchange_inquiries.let_officers_ask(self)),
            ("Stocktake of the minister", day(8, 1), lambda: stocktake.hold_stocktake(self)),
            ("A flagship project", day(8, 2), lambda: stocktake.list_flagship(self)),
            ("Performance report", day(8, 2), lambda: stocktake.freeze_performance(self)),
        ]

    def load_registers(self) -> str:
        """Load both packs; the Iranian ministry runs the installation."""
        packs.load_pack(None, "ir", ministry="ir.mict")
        packs.load_pack(None, "vn")
        return "two registers with dated names and succession"

    def seat_offices(self) -> str:
        """Make the accounts and establish the council of deputies."""
        seats = [*all_seats()]
        for one in seats:
            self.people[one.key] = cast.seat(one, self.password)
        ministry = organisations.organisation("ir.mict")
        committee = committees.establish_committee(
            None,
            organisation_id=ministry.pk,
            kind=CommitteeKind.COUNCIL,
            name="شورای معاونان وزارت ارتباطات و فناوری اطلاعات",
            mandate="بررسی برنامه‌ها و تکالیف قانونی وزارتخانه، دریافت نظر معاونان و تصویب پیش از ابلاغ.",
            established_on=cast.SINCE,
        )
        for one in seats:
            if one.role in {Role.MINISTER, Role.DEPUTY} and one.body.startswith("ir."):
                committees.seat_member(
                    None,
                    committee.pk,
                    capacity=Capacity.CHAIR if one.role is Role.MINISTER else Capacity.MEMBER,
                    user_id=self.people[one.key].pk,
                    organisation_id=organisations.organisation(one.body).pk,
                    office=one.name,
                    valid_from=cast.SINCE,
                )
        return f"{len(seats)} accounts, one council"

    def register_duties(self) -> str:
        """Create the annual theme, the role statement, the legal duties and the outside plan."""
        officer, known = self.people["planning"], samples.facts()
        theme = duties.create_theme(
            officer,
            period=str(known["theme"]["year"]),
            title=known["theme"]["title"]["fa"],
            language="fa",
            statement=known["theme"]["policy"]["fa"],
        )
        self.theme_id = theme.pk
        for statement in known["role_statements"]:
            if statement["register"] == "ir":
                duties.set_role_statement(
                    officer,
                    organisation_code="ir.mict",
                    theme_id=theme.pk,
                    text=statement["text"]["fa"],
                    publish=True,
                )
        for duty in known["legal_duties"]:
            dated = duty["due"][:1].isdigit()
            made = duties.create_duty(
                officer,
                source=duty["source"],
                article=duty["article"],
                text=duty["text"]["fa"],
                owner_code=code_of(duty["owner"]),
                due_on=Period.parse(duty["due"]).end if dated else None,
                due_raw=duty["due"],
                calendar=Calendar.JALALI,
                theme=theme,
            )
            self.duty_ids.append(made.pk)
        plan = known["outside_plan"]
        alignment.create_plan(
            officer,
            title=plan["title"]["fa"],
            language="fa",
            goals=[(goal["code"], goal["title"]["fa"]) for goal in plan["goals"]],
        )
        return f"{len(self.duty_ids)} duties, {len(plan['goals'])} goals"

    def import_sample(self, name: str, person: str, issuer: str) -> str:
        """Import a sample document as a planning officer does."""
        document = imports.import_document(
            self.people[person],
            data=samples.document(f"{name}.docx"),
            filename=f"{name}.docx",
            pack=issuer.split(".", 1)[0],
            issuer_id=organisations.organisation(issuer).pk,
            background=False,
        )
        self.documents[name] = document
        content = self.content(name)
        self.ids[name] = samples.ids_by_key(name, {row["id"]: row["text"] for row in content["measures"]})
        return f"{len(content['measures'])} measures, {len(content['provisions'])} provisions, read in {document.read_ms} ms"

    def directive(self, name: str) -> "Directive":
        """Return the directive that came of a sample document."""
        document = self.documents[name]
        document.refresh_from_db()
        if document.directive is None:
            raise RuntimeError(document.error or f"{name} gave no directive")
        return document.directive

    def content(self, name: str) -> DirectiveContent:
        """Return the present content of a sample's directive."""
        return contents.content_of(self.directive(name).pk)

    def finish_review(self, name: str, person: str) -> str:
        """Accept every row and settle what the reading doubted."""
        officer, document = self.people[person], self.documents[name]
        accepted = review.accept_rows(officer, document.public_id)
        review.settle_findings(officer, document.public_id)
        review.finish_review(officer, document.public_id, differences_accepted=True)
        return f"{accepted} rows accepted"

    def complete_text(self) -> str:
        """Set outcome indicators, priorities, theme, duties and the alignment with the outside plan."""
        officer, directive, ids = self.people["planning"], self.directive(PERSIAN), self.ids[PERSIAN]
        rows = {row["key"]: row for row in samples.facts()["measures"][PERSIAN]}
        outcomes = {ids[key]: row["outcome"] for key, row in rows.items() if key in ids}
        measures.set_outcomes(officer, directive.pk, outcomes)
        high = [ids[key] for key, row in rows.items() if key in ids and row["priority"] == "high"]
        special = [ids[key] for key, row in rows.items() if key in ids and row["special_project"]]
        measures.set_marks(officer, directive.pk, high, priority=Priority.HIGH)
        measures.set_marks(officer, directive.pk, special, special_project=True)
        editor.edit_directive(officer, directive.pk, theme=self.theme_id)
        editor.tie_duties(officer, directive.pk, self.duty_ids)
        self.align()
        return f"{len(outcomes)} outcomes, {len(special)} special projects"

    def align(self) -> None:
        """Tie measures to the goals of the outside plan; goals without a measure stay visible."""
        ids, aligned = self.ids[PERSIAN], dict[str, list[int]]()
        plan = duty_queries.plans().get()
        goals = {goal.code: goal.pk for goal in plan.goals.all()}
        for goal in samples.facts()["outside_plan"]["goals"]:
            for key in goal["measures"]:
                if key in ids:
                    aligned.setdefault(ids[key], []).append(goals[goal["code"]])
        alignment.set_alignment(self.people["planning"], self.directive(PERSIAN).pk, plan.pk, aligned)

    def consult(self) -> str:
        """Open a round, let each office speak, and leave one silent."""
        directive = self.directive(PERSIAN)
        bodies = {
            one.key: organisations.organisation(one.body).pk for one in cast.IRAN if one.role is Role.DEPUTY
        }
        opened = consultation.open_round(
            self.people["planning"],
            directive.pk,
            organisation_ids=bodies.values(),
            deadline_on=date(2020, 4, 10),
            note="نظر و پیشنهاد خود را درباره کل متن، هر ماده یا هر اقدام بنویسید.",
        )
        speakers = {code_of(one["office"]) for one in samples.facts()["consultation"]["opinions"]}
        invitations = {
            row.organisation.code: row for row in opened.invitations.select_related("organisation")
        }
        for position, one in enumerate(samples.facts()["consultation"]["opinions"]):
            self.speak(invitations, one, key=f"demo-{position}")
        quiet = [row for code, row in invitations.items() if code not in speakers]
        for row in quiet[:1]:
            opinions.declare_no_comment(self.person_of(row.organisation.code), row.pk)
        return f"{len(bodies)} offices invited"

    def consult_vietnam(self) -> str:
        """Open a round on the Vietnamese directive and leave it open, so that its deputy finds it waiting."""
        body = organisations.organisation("vn.mic")
        opened = consultation.open_round(
            self.people["planning.vn"],
            self.directive(VIETNAMESE).pk,
            organisation_ids=[body.pk],
            deadline_on=date(2020, 4, 27),
            note="Đề nghị cho ý kiến về mục tiêu, từng nhiệm vụ và thời hạn.",
        )
        return f"round {opened.number} is open until 27 April"

    def speak(self, invitations: Mapping[str, Any], one: Mapping[str, Any], *, key: str) -> None:
        """Submit one opinion for its office, if that office has a seat."""
        code = code_of(one["office"])
        if code not in invitations:
            return
        target = (
            OpinionTarget(one["target"])
            if one.get("measure", "") in self.ids[PERSIAN]
            else OpinionTarget.WHOLE
        )
        opinions.submit_opinion(
            self.person_of(code),
            invitations[code].pk,
            kind=OpinionKind(one["kind"]),
            target=target,
            target_id=self.ids[PERSIAN].get(one.get("measure", ""), ""),
            text=one["text"],
            proposed_text=one.get("proposed_text", ""),
            submission_key=key,
        )

    def person_of(self, code: str) -> "User":
        """Return the deputy who speaks for a body."""
        key = next(one.key for one in cast.IRAN if one.body == code and one.role is Role.DEPUTY)
        return self.people[key]

    def answer(self) -> str:
        """Answer every opinion with its reason and close the round."""
        officer, directive = self.people["planning"], self.directive(PERSIAN)
        opened = consultation_queries.latest_round(directive.pk)
        if opened is None:
            raise RuntimeError("no consultation round is open")
        answers = {one["text"]: one for one in samples.facts()["consultation"]["opinions"]}
        given = 0
        for invitation in opened.invitations.all():
            for opinion in invitation.opinions.exclude(kind=OpinionKind.NO_COMMENT):
                one = answers[opinion.text]
                opinions.answer_opinion(
                    officer, opinion.pk, answer=Answer(one["answer"]), reason=one["reason"]
                )
                given += 1
        consultation.close_round(officer, opened.pk, reason="همه دستگاه‌های دعوت‌شده فرصت اظهارنظر داشتند.")
        return f"{given} answers with reasons"

    def hold_council(self) -> str:
        """Hold the first council of the year: agenda, quorum, conclusions, resolutions, minutes."""
        officer, directive = self.people["planning"], self.directive(PERSIAN)
        council.put_to_council(officer, directive.pk)
        committee = council_queries.committees_run_by(organisations.authority_of(officer)).first()
        if committee is None:
            raise RuntimeError("there is no council")
        session = council.plan_session(
            officer,
            committee.pk,
            held_on=date(2020, 4, 11),
            starts_at=time(9, 0),
            place="ساختمان مرکزی وزارتخانه",
            language="fa",
            calendar=Calendar.JALALI,
        )
        self.session = session
        agenda.build_agenda(officer, session.pk)
        known = samples.facts()["council_session"]
        for item in known["agenda"]:
            if item["kind"] not in {"duty", "directive"}:
                agenda.add_matter(officer, session.pk, item["title"]["fa"])
        council.send_invitations(officer, session.pk)
        council.begin_session(officer, session.pk)
        self.mark_present(session)
        self.conclude(session)
        adopted = self.adopt(session)
        council.write_minutes(
            officer, session.pk, "پس از بررسی ابعاد سیاستی، راهبردی و اجرایی، متن بازبینی‌شده تأیید شد."
        )
        council.close_session(officer, session.pk)
        return f"{adopted} resolutions with owner and date"

    def mark_present(self, session: "CouncilSession") -> None:
        """Mark everyone present but one."""
        seats = list(council_queries.attendance_of(session))
        presences = {row.pk: Presence(present=True) for row in seats[:-1]}
        council.mark_attendance(self.people["planning"], session.pk, presences, chaired_by="وزیر")

    def conclude(self, session: "CouncilSession") -> None:
        """Conclude every item of the agenda."""
        for item in council_queries.agenda_of(session):
            decision = CouncilDecision.PASSED if item.directive_id else CouncilDecision.NOTED
            council.conclude_item(
                self.people["planning"],
                item.pk,
                discussion="گزارش ارائه شد و اعضا نظر خود را اعلام کردند.",
                conclusion="با متن بازبینی‌شده موافقت شد." if item.directive_id else "در دستور کار قرار گرفت.",
                decision=decision,
            )

    def adopt(self, session: "CouncilSession") -> int:
        """Adopt the resolutions and return how many."""
        found = samples.facts()["council_session"]["resolutions"]
        for one in found:
            due_on = date.fromisoformat(one["due"])
            resolutions.adopt_resolution(
                self.people["planning"],
                session.pk,
                text=one["text"]["fa"],
                owner_id=organisations.organisation(code_of(one["owner"])).pk,
                due=StatedDate(due_on, Calendar.JALALI, one["due"]),
            )
        return len(found)

    def approve(self, name: str, person: str) -> str:
        """Approve as the minister, upon exactly the text that was read."""
        directive = self.directive(name)
        if directive.state == "revision":
            with suppress(StopIteration):
                revision.submit_for_approval(self.people["planning"], directive.pk, note="متن پس از شورا")
        approval.approve(self.people[person], directive.pk, content_hash=hash_of(self.content(name)))
        return "approved upon the text's fingerprint"

    def promulgate(self, name: str, person: str, number: str) -> str:
        """Promulgate: gates, signature, expansion of groups, requests to acknowledge."""
        made = promulgation.promulgate_directive(self.people[person], self.directive(name).pk, number=number)
        coverage = cascade_queries.coverage_of(made.directive_id, clock.today())
        return (
            f"number {number}, {coverage.total} bodies asked to acknowledge, public at /d/{made.short_code}/"
        )

    def acknowledge_some(self, name: str) -> str:
        """Let some bodies acknowledge, so that the coverage page has something to compare."""
        done = 0
        for key in ("yazd", "khorasan", "post.officer"):
            rows = cascade_queries.to_acknowledge(organisations.authority_of(self.people[key]))
            for row in rows.filter(directive=self.directive(name)):
                cascade.acknowledge(self.people[key], row.pk, disseminated=True, note="به واحدها ابلاغ شد.")
                done += 1
        return f"{done} bodies have acknowledged"


def day(month: int, number: int) -> datetime:
    """Return the morning of a day in the demonstration's year."""
    return datetime(2020, month, number, 6, 0, tzinfo=UTC)


def code_of(name: str) -> str:
    """Return the code of an Iranian body by any of its names.

    Raises:
        RuntimeError: No body bears the name; the sample's facts and the register have drifted apart.
    """
    for row in organisations.search(name, pack="ir"):
        if row.name_fa == name:
            return str(row.code)
    found = organisations.search(name, pack="ir").first()
    if found is None:
        raise RuntimeError(f"no body is called {name}")
    return str(found.code)


def all_seats() -> list[Seat]:
    """Return every seat: the two ministries, three provinces, the administrator."""
    return [*cast.IRAN, *cast.VIETNAM, *provincial_seats()]


def provincial_seats() -> list[Seat]:
    """Return the directors of three Iranian provinces and of one Vietnamese one."""
    provinces = (("yazd", "یزد"), ("khorasan", "خراسان رضوی"), ("hormozgan", "هرمزگان"))
    seats = [
        Seat(
            key,
            f"اداره کل ارتباطات و فناوری اطلاعات استان {name}",
            "fa",
            Role.PROVINCIAL_DIRECTOR,
            code_of(f"اداره کل ارتباطات و فناوری اطلاعات استان {name}"),
            "acknowledges for the province, sees only its own",
        )
        for key, name in provinces
    ]
    return [
        *seats,
        Seat("admin", "Administrator", "en", Role.ADMINISTRATOR, "ir.mict", "people and organisations"),
    ]
