//! Progress on a terminal as a bar, elsewhere as plain lines, with `--quiet` not at all.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::import::Progress;

use super::Printer;
use super::printer::stderr_width;
use super::progress::{Rate, counts, done, line, pace};
use super::wrap::wrapped;

/// Between two plain lines, at least.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Between two looks at the rate.
const RATE_EVERY: Duration = Duration::from_millis(500);

/// Shows a run's progress.
pub struct Display {
    printer: Printer,
    bar: Option<ProgressBar>,
    start: Instant,
    rate: Rate,
    rated: Duration,
    last_line: Option<Duration>,
}

impl Display {
    /// Picks bar, lines or nothing by terminal and flag.
    pub fn new(printer: Printer, total: u64) -> Display {
        let bar = (std::io::stderr().is_terminal() && !printer.quiet).then(|| bar(total));
        Display {
            printer,
            bar,
            start: Instant::now(),
            rate: Rate::default(),
            rated: Duration::ZERO,
            last_line: None,
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn print_line(&mut self, now: Duration, text: &str) {
        let due = self.last_line.is_none_or(|last| now >= last + LINE_EVERY);
        // The first seconds tell nothing yet.
        if due && (self.last_line.is_some() || now >= LINE_EVERY) {
            self.last_line = Some(now);
            self.printer.note(text);
        }
    }

    /// Shows how far the run is.
    pub fn progress(&mut self, progress: &Progress) {
        let now = self.start.elapsed();
        if now >= self.rated + RATE_EVERY || self.rated.is_zero() {
            self.rated = now;
            self.rate.note(now, progress.tally.posted);
        }
        let rate = self.rate.per_second();
        match &self.bar {
            Some(bar) => {
                bar.set_position(done(progress));
                let text = format!("  {}\n  {}", counts(progress), pace(progress, rate));
                bar.set_message(wrapped(&text, stderr_width().unwrap_or(usize::MAX)));
            }
            None => self.print_line(now, &line(progress, rate)),
        }
    }

    /// Shows a line without disturbing the bar.
    pub fn note(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.printer.note(text)),
            None => self.printer.note(text),
        }
    }

    /// Shows a line that is never left out.
    pub fn always(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.printer.always(text)),
            None => self.printer.always(text),
        }
    }
}

fn bar(total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let template = "{spinner} [{wide_bar}] {percent:>3} %\n{msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
