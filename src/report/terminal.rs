//! The user's side of a run, on a terminal or a log.

use indicatif::HumanCount;
use tokio::sync::oneshot;

use crate::check::Problem;
use crate::import::{AuthorsLost, Briefing, Consent, Notice, Progress, Reporter};
use crate::ledger::{Settle, Settlement};

use super::authors::authors_lost;
use super::notices::notice_text;
use super::printer::stderr_width;
use super::problems::{ProblemFormat, ProblemLimit, ProblemTable};
use super::{Commands, Display, Printer, screen};

/// Whether the user is asked before the first post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Nobody is asked, and everything is sent.
    Never,
    /// On a terminal; where nobody can be asked, many posts need `--yes` beforehand.
    WhereMany,
}

/// Posts that may go without consent where nobody can be asked.
const FEW: u64 = 100;

/// The same for notifications of people whom the rows name.
const FEW_NOTIFICATIONS: u64 = 200;

/// Shows a run and asks its user.
pub struct Terminal {
    printer: Printer,
    asking: Asking,
    commands: Commands,
    problems: u64,
    /// How many of a kind are shown.
    limit: ProblemLimit,
    /// Of those, the ones that were not shown.
    hidden: u64,
    /// Rows to be sent.
    total: u64,
    /// None before the first report of progress.
    display: Option<Display>,
}

impl Terminal {
    /// A run that nothing is known of yet.
    pub fn new(
        printer: Printer,
        asking: Asking,
        commands: Commands,
        limit: ProblemLimit,
    ) -> Terminal {
        Terminal {
            printer,
            asking,
            commands,
            problems: 0,
            limit,
            hidden: 0,
            total: 0,
            display: None,
        }
    }

    /// Takes the progress away and says what was not shown.
    pub fn finish(&self) {
        if let Some(display) = &self.display {
            display.finish();
        }
        if self.hidden > 0 {
            let more = HumanCount(self.hidden);
            let all = self.commands.all_problems();
            self.printer
                .always(&format!("and {more} more problems; list all: {all}"));
        }
    }

    /// Asks on a thread of its own, so that Ctrl-C is heard meanwhile; the thread may be left
    /// behind.
    fn ask(&self, question: &'static str) -> oneshot::Receiver<bool> {
        let (sender, answer) = oneshot::channel();
        let printer = self.printer;
        std::thread::spawn(move || {
            // The run may have ended without waiting for the answer.
            let _ = sender.send(printer.ask(question));
        });
        answer
    }
}

impl Reporter for Terminal {
    fn problem(&mut self, problem: &Problem) {
        self.problems += 1;
        if !self.limit.lets(problem.code) {
            self.hidden += 1;
            return;
        }
        let mut stderr = anstream::stderr().lock();
        let format = ProblemFormat::Human {
            width: stderr_width(),
        };
        let mut table = ProblemTable::new(&mut stderr, format);
        if self.problems - self.hidden > 1 {
            table = table.below_header();
        }
        // Nowhere is left to say that stderr is gone.
        drop(table.write(problem));
    }

    fn notice(&mut self, notice: &Notice<'_>) {
        let text = notice_text(notice);
        match (notice, &self.display) {
            // What may post a row twice or leave something out is told with --quiet too.
            (
                Notice::Manifest(_)
                | Notice::RegisterUnread(_)
                | Notice::RegisterUnwritten(_)
                | Notice::OtherLedgerUnread(_),
                _,
            ) => self.printer.warning(&text),
            (Notice::LeftOut(_), Some(display)) => display.always(&text),
            (Notice::LeftOut(_), None) => self.printer.always(&text),
            (_, Some(display)) => display.note(&text),
            (_, None) => self.printer.note(&text),
        }
    }

    fn screen(&mut self, briefing: &Briefing) {
        self.printer.note(&screen(briefing, &self.commands));
    }

    fn consent(&mut self, briefing: &Briefing) -> Consent {
        self.total = briefing.rows;
        match consent_needed(self.asking, briefing, self.printer.can_ask()) {
            Need::None => Consent::Given,
            Need::Question => Consent::Asked(self.ask("Post them?")),
            Need::Flag => {
                self.printer.error(&format!(
                    "{} posts, {} notifications and nobody to ask: add --yes to send \
                     them; nothing was sent",
                    HumanCount(briefing.rows),
                    HumanCount(briefing.people.notifications)
                ));
                Consent::Missing
            }
        }
    }

    fn authors_lost(&mut self, lost: &AuthorsLost) -> Consent {
        if let Some(display) = self.display.take() {
            display.finish();
        }
        self.printer.warning(&authors_lost(lost));
        match self.asking {
            Asking::WhereMany if lost.is_first && self.printer.can_ask() => {
                Consent::Asked(self.ask("Go on?"))
            }
            Asking::WhereMany | Asking::Never => Consent::Given,
        }
    }

    fn progress(&mut self, progress: &Progress) {
        let (printer, total) = (self.printer, self.total);
        self.display
            .get_or_insert_with(|| Display::new(printer, total))
            .progress(progress);
    }
}

/// What has to come from the user before the first post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    None,
    Question,
    Flag,
}

fn consent_needed(asking: Asking, about: &Briefing, can_ask: bool) -> Need {
    let is_many = about.rows > FEW || about.people.notifications > FEW_NOTIFICATIONS;
    match asking {
        Asking::Never => Need::None,
        Asking::WhereMany if can_ask => Need::Question,
        Asking::WhereMany if is_many => Need::Flag,
        Asking::WhereMany => Need::None,
    }
}

/// IDs that the ledger could not take, one a line, in a form that can be fed to it later.
pub fn unrecorded_text(unrecorded: &[Settle]) -> Option<String> {
    let posted = unrecorded
        .iter()
        .filter_map(|settle| match settle.settlement {
            Settlement::Posted { remote_id } => Some(format!("posted {}={remote_id}", settle.key)),
            _ => None,
        });
    let lines: Vec<String> = posted.collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::RowKey;

    #[test]
    fn many_posts_need_a_word_beforehand() {
        let need = |asking, rows, notifications, can_ask| {
            let mut about = crate::report::screen::tests::briefing();
            about.rows = rows;
            about.people.notifications = notifications;
            consent_needed(asking, &about, can_ask)
        };
        let many = Asking::WhereMany;
        assert_eq!(need(Asking::Never, 1_000_000, 1_000_000, false), Need::None);
        assert_eq!(need(many, 1, 0, true), Need::Question);
        assert_eq!(need(many, 100, 200, false), Need::None);
        assert_eq!(need(many, 101, 0, false), Need::Flag);
        assert_eq!(need(many, 1, 201, false), Need::Flag);
    }

    #[test]
    fn unrecorded_ids_are_told_with_their_keys() {
        let settle = |id: &str, settlement| Settle {
            key: RowKey::external(id),
            settlement,
        };
        let text = unrecorded_text(&[
            settle("a", Settlement::Posted { remote_id: 7 }),
            settle("b", Settlement::Pending),
            settle("c", Settlement::Posted { remote_id: 9 }),
        ]);
        assert_eq!(text.as_deref(), Some("posted x:a=7\nposted x:c=9"));
        assert_eq!(unrecorded_text(&[]), None);
    }
}
