//! What goes wrong on purpose: which requests and posts meet which fault.
//!
//! A plan is a list of rules such as `lost@3,refuse@7-9,bad-gateway=0.01`. Requests are counted
//! from 1 as they come in, but only those that write: a batch with an add in it, or a direct add.
//! Posts are counted from 1 as their commands are reached. Where several rules meet, the first
//! one written wins. The same seed and the same requests give the same faults.

mod kind;
mod spec;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use kind::Kind;
pub(super) use kind::{PostFault, RequestFault};
pub use spec::FaultError;
use spec::{FaultRule, When};

/// The rules, and how far the count has come.
#[derive(Debug)]
pub struct FaultPlan {
    rules: Vec<FaultRule>,
    rng: StdRng,
    requests: u64,
    posts: u64,
}

impl FaultPlan {
    /// Nothing goes wrong.
    pub fn none() -> FaultPlan {
        FaultPlan::of(Vec::new(), 0)
    }

    /// Reads a comma list of `KIND@N`, `KIND@N-M` and `KIND=P`; an empty text is no rule.
    ///
    /// # Errors
    /// Names the rule that cannot be read, and the kinds there are.
    pub fn parse(spec: &str, seed: u64) -> Result<FaultPlan, FaultError> {
        Ok(FaultPlan::of(spec::rules(spec)?, seed))
    }

    fn of(rules: Vec<FaultRule>, seed: u64) -> FaultPlan {
        FaultPlan {
            rules,
            rng: StdRng::seed_from_u64(seed),
            requests: 0,
            posts: 0,
        }
    }

    /// Counts a writing request and tells what happens to it.
    pub(super) fn next_request(&mut self) -> Option<RequestFault> {
        self.requests += 1;
        let number = self.requests;
        self.first(number, |kind| match kind {
            Kind::Request(fault) => Some(fault),
            Kind::Post(_) => None,
        })
    }

    /// Counts a post and tells what happens to it.
    pub(super) fn next_post(&mut self) -> Option<PostFault> {
        self.posts += 1;
        let number = self.posts;
        self.first(number, |kind| match kind {
            Kind::Post(fault) => Some(fault),
            Kind::Request(_) => None,
        })
    }

    /// The first rule that applies. Every chance is drawn, whether it applies or not, so that one
    /// rule doesn't change what the next ones draw.
    fn first<T: Copy>(&mut self, number: u64, wanted: impl Fn(Kind) -> Option<T>) -> Option<T> {
        let mut struck = None;
        for rule in &self.rules {
            let Some(fault) = wanted(rule.kind) else {
                continue;
            };
            let strikes = match &rule.when {
                When::Numbers(numbers) => numbers.contains(&number),
                When::Chance(chance) => self.rng.random_bool(*chance),
            };
            if strikes {
                struck = struck.or(Some(fault));
            }
        }
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(spec: &str, seed: u64, count: usize) -> Vec<Option<RequestFault>> {
        let mut plan = FaultPlan::parse(spec, seed).unwrap();
        (0..count).map(|_| plan.next_request()).collect()
    }

    #[test]
    fn numbers_count_from_one() {
        assert_eq!(
            requests("lost@2,cut@3-4,drop@4", 0, 5),
            [
                None,
                Some(RequestFault::Lost),
                Some(RequestFault::Cut),
                Some(RequestFault::Cut),
                None
            ]
        );
    }

    #[test]
    fn requests_and_posts_are_counted_apart() {
        let mut plan = FaultPlan::parse("lost@2,refuse@1,no-id@3", 0).unwrap();
        assert_eq!(plan.next_post(), Some(PostFault::Refuse));
        assert_eq!(plan.next_request(), None);
        assert_eq!(plan.next_post(), None);
        assert_eq!(plan.next_post(), Some(PostFault::NoId));
        assert_eq!(plan.next_request(), Some(RequestFault::Lost));
    }

    #[test]
    fn chances_follow_the_seed() {
        let first = requests("hang=0.3", 7, 1000);
        assert_eq!(first, requests("hang=0.3", 7, 1000));
        assert_ne!(first, requests("hang=0.3", 8, 1000));
        let struck = first.iter().flatten().count();
        assert!((200..400).contains(&struck), "{struck}");
        assert_eq!(requests("hang=0", 1, 100), vec![None; 100]);
        assert_eq!(
            requests("hang=1", 1, 100),
            vec![Some(RequestFault::Hang); 100]
        );
    }

    #[test]
    fn a_rule_does_not_shift_the_luck_of_another() {
        let hangs = |faults: Vec<Option<RequestFault>>| -> Vec<usize> {
            let hung = |(at, fault): (usize, _)| (fault == Some(RequestFault::Hang)).then_some(at);
            faults.into_iter().enumerate().filter_map(hung).collect()
        };
        assert_eq!(
            hangs(requests("hang=0.2", 5, 200)),
            hangs(requests("lost@500,hang=0.2", 5, 200))
        );
    }
}
