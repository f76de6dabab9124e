//! The search for all values, question by question: what is asked next, and what an answer settles.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value as Json;

use crate::portal::CallError;
use crate::post::EntityKind;

use super::found::Found;
use super::question::{Ask, PAGE, Question};
use super::subject::{Subject, Wanted};

/// Candidates that are told.
pub const CANDIDATES: usize = 5;

/// Entries of answers that are read for one value; where there are more, nothing is certain.
const MOST_ENTRIES: usize = 500;

/// What came of the search for one value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// The only one that it can mean.
    pub hit: Option<Found>,
    /// Otherwise those that may be meant, the likeliest first.
    pub candidates: Vec<Found>,
}

/// A search under way.
#[derive(Debug)]
pub struct Search {
    subject: Subject,
    wanted: Vec<Wanted>,
    /// What was found for each value.
    found: Vec<Vec<Found>>,
    /// Values of which not all was seen.
    unsure: Vec<bool>,
    /// Values that still have a question.
    open: Vec<u32>,
    queue: VecDeque<Question>,
    /// Types of records of which the portal shows none, each with what it said.
    pub refused: BTreeMap<EntityKind, String>,
}

impl Search {
    /// Begins a search for these values.
    pub fn new(subject: Subject, wanted: Vec<Wanted>) -> Search {
        let queue: VecDeque<Question> = subject.questions(&wanted).into();
        let mut open = vec![0; wanted.len()];
        for value in queue.iter().flat_map(|question| &question.values) {
            open[*value] += 1;
        }
        Search {
            found: vec![Vec::new(); wanted.len()],
            unsure: vec![false; wanted.len()],
            open,
            subject,
            wanted,
            queue,
            refused: BTreeMap::new(),
        }
    }

    /// How many values are settled.
    pub fn settled(&self) -> usize {
        self.open.iter().filter(|open| **open == 0).count()
    }

    /// The questions of the next request; none when all are answered.
    pub fn next(&mut self, most: usize) -> Vec<Question> {
        let mut questions: Vec<Question> = Vec::new();
        while questions.len() < most
            && let Some(question) = self.queue.pop_front()
        {
            let kind = question.ask.kind();
            if kind.is_some_and(|kind| self.refused.contains_key(&kind)) {
                self.close(&question);
                continue;
            }
            if question.ask.goes_alone() && !questions.is_empty() {
                self.queue.push_front(question);
                break;
            }
            let is_alone = question.ask.goes_alone();
            questions.push(question);
            if is_alone {
                break;
            }
        }
        questions
    }

    /// Puts a question back that was not answered.
    pub fn again(&mut self, mut question: Question) {
        question.tries += 1;
        self.queue.push_back(question);
    }

    /// The portal shows no records of the question's type.
    pub fn refuse(&mut self, question: &Question, kind: EntityKind, said: String) {
        self.refused.entry(kind).or_insert(said);
        self.close(question);
    }

    /// The field can't hold one of the values: each half of them is asked for by itself, down to
    /// the one that nothing can be found for.
    pub fn cannot_hold(&mut self, question: &Question) {
        match question.values.len() {
            1 => self.close(question),
            _ => self.split(question),
        }
    }

    /// Takes in the answer to a question.
    ///
    /// # Errors
    /// When it is no answer to it.
    pub fn answered(&mut self, question: Question, answer: &Json) -> Result<(), CallError> {
        let found = question.read(answer)?;
        match question.ask {
            Ask::Titles { .. } => self.name(&question, &found),
            Ask::Communication { .. } => self.keep(&question, found),
            _ if found.len() < PAGE => self.keep(&question, found),
            _ if question.values.len() > 1 => self.split(&question),
            _ => self.read_on(question, found),
        }
        Ok(())
    }

    /// Each half of the values is asked for by itself: a full page, say, may not be all.
    fn split(&mut self, question: &Question) {
        let (one, other) = question.values.split_at(question.values.len() / 2);
        for half in [one, other] {
            let wanted: Vec<Wanted> = half
                .iter()
                .map(|value| self.wanted[*value].clone())
                .collect();
            for part in self.subject.questions(&wanted) {
                let values = part.values.iter().map(|place| half[*place]).collect();
                self.ask(Question::new(part.ask, values));
            }
        }
        self.close(question);
    }

    /// The next page, unless there is too much of it: then the value has more than was seen. Of a
    /// broad question, which only finds candidates, one page is enough.
    fn read_on(&mut self, question: Question, found: Vec<Found>) {
        let start = question.start + PAGE;
        if start < MOST_ENTRIES && !self.is_broad(&question) {
            self.ask(Question {
                start,
                tries: 0,
                ..question.clone()
            });
        } else if let [value] = question.values[..] {
            self.unsure[value] = true;
        }
        self.keep(&question, found);
    }

    fn is_broad(&self, question: &Question) -> bool {
        let wanted = question.values.first().map(|value| &self.wanted[*value]);
        let broader = wanted.and_then(|wanted| self.subject.broader(wanted));
        broader.as_ref() == Some(&question.ask)
    }

    fn ask(&mut self, question: Question) {
        for value in &question.values {
            self.open[*value] += 1;
        }
        self.queue.push_back(question);
    }

    fn close(&mut self, question: &Question) {
        for value in &question.values {
            self.open[*value] -= 1;
        }
    }

    fn keep(&mut self, question: &Question, found: Vec<Found>) {
        for value in &question.values {
            let wanted = &self.wanted[*value];
            let known = &mut self.found[*value];
            for entry in &found {
                let is_new = known.iter().all(|known| known.id != entry.id);
                if is_new && self.subject.may_be(wanted, entry) {
                    known.push(entry.clone());
                }
            }
        }
        self.close(question);
        self.ask_broadly(question);
    }

    /// Where nothing was found, once more with less to fit.
    fn ask_broadly(&mut self, question: &Question) {
        let [value] = question.values[..] else {
            return;
        };
        if self.open[value] > 0 || !self.found[value].is_empty() {
            return;
        }
        let ask = self.subject.broader(&self.wanted[value]);
        if let Some(ask) = ask.filter(|ask| *ask != question.ask) {
            self.ask(Question::new(ask, vec![value]));
        }
    }

    /// Asks for the titles of what was found without.
    pub fn ask_for_titles(&mut self) {
        let mut untitled: BTreeMap<EntityKind, Vec<(u64, usize)>> = BTreeMap::new();
        for (value, found) in self.found.iter().enumerate() {
            let Some(kind) = self.wanted[value].entity else {
                continue;
            };
            let told = found
                .iter()
                .take(CANDIDATES)
                .filter(|found| found.title.is_empty());
            let told = told.map(|found| (found.id, value));
            untitled.entry(kind).or_default().extend(told);
        }
        for (kind, entries) in untitled {
            for page in entries.chunks(PAGE - 1) {
                let mut ids: Vec<u64> = page.iter().map(|(id, _)| *id).collect();
                ids.sort_unstable();
                ids.dedup();
                let values = page.iter().map(|(_, value)| *value).collect();
                self.ask(Question::new(Ask::Titles { kind, ids }, values));
            }
        }
    }

    fn name(&mut self, question: &Question, titled: &[Found]) {
        for value in &question.values {
            for found in &mut self.found[*value] {
                if let Some(entry) = titled.iter().find(|entry| entry.id == found.id) {
                    found.title.clone_from(&entry.title);
                }
            }
        }
        self.close(question);
    }

    /// What came of the search for each value; none for those that have a question left.
    pub fn verdicts(&self) -> impl Iterator<Item = Option<Verdict>> {
        let places = 0..self.wanted.len();
        places.map(|place| (self.open[place] == 0).then(|| self.verdict(place)))
    }

    fn verdict(&self, place: usize) -> Verdict {
        let (wanted, found) = (&self.wanted[place], &self.found[place]);
        let exact = found
            .iter()
            .filter(|found| self.subject.is_it(wanted, found));
        let exact: Vec<&Found> = exact.collect();
        if let [hit] = exact[..]
            && !self.unsure[place]
        {
            return Verdict {
                hit: Some(hit.clone()),
                candidates: Vec::new(),
            };
        }
        let mut candidates: Vec<&Found> = match exact[..] {
            [] => found.iter().collect(),
            _ => exact,
        };
        let likeness = |found: &&Found| self.subject.likeness(wanted, found);
        candidates.sort_by(|one, other| likeness(other).total_cmp(&likeness(one)));
        Verdict {
            hit: None,
            candidates: candidates.into_iter().take(CANDIDATES).cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests;
