//! The questions that every run asks, in one request: who posts, what the credentials may do, which
//! entities are there, as far as they fit, whether the portal still takes such posts, and what time
//! it has.
//!
//! A portal may word an error like an earlier one of the same batch, since PHP's last exception is
//! not cleared between commands. So a probe that is refused in the words of an entity's refusal is
//! asked once more, alone. The time is asked last: only the way back lies between it and its
//! answer.

use crate::batch::{Command, MAX_COMMANDS};
use crate::import::clock::Clock;
use crate::portal::{CallError, Transport};

use crate::import::paced_client::{Answered, Asker, TRIES, may_be_too_much, may_pass};

/// The questions beside entities and the probe.
const PLAIN: usize = 3;

/// Those of them that come before the entities.
const BEFORE_ENTITIES: usize = 2;

/// What was answered, question by question.
pub struct Answers {
    pub profile: Answered,
    pub scope: Answered,
    /// None where the target has no probe.
    pub probe: Option<Answered>,
    pub time: Answered,
    /// An answer a call; none where the calls are to be made by themselves.
    pub entities: Option<Vec<Answered>>,
}

/// How many calls for entities fit beside the other questions.
pub fn room_for_entities(probe: Option<&Command>) -> usize {
    MAX_COMMANDS - PLAIN - usize::from(probe.is_some())
}

/// Asks all of it at once. What stays unanswered for a reason that may pass is asked again, but for
/// the entities, of which there may be more to ask in any case.
///
/// # Errors
/// Whatever kept the portal from answering at all.
pub async fn ask<T: Transport, C: Clock>(
    asker: &mut Asker<'_, '_, T, C>,
    probe: Option<&Command>,
    entities: &[Command],
) -> Result<Answers, CallError> {
    let commands = questions(probe);
    let (mut answers, entities) = with_entities(asker, &commands, entities).await?;
    ask_again(asker, &commands, &mut answers).await?;
    let mut answers = answers.into_iter();
    let mut next = || answers.next().unwrap_or_else(Answered::left_out);
    let (profile, scope) = (next(), next());
    Ok(Answers {
        profile,
        scope,
        probe: probe.map(|_| next()),
        time: next(),
        entities,
    })
}

/// The probe's answer, asked for once more where it may bear another question's error.
///
/// # Errors
/// Whatever kept the portal from answering at all.
pub async fn ask_probe_alone<T: Transport, C: Clock>(
    asker: &mut Asker<'_, '_, T, C>,
    probe: &Command,
    answers: &mut Answers,
) -> Result<(), CallError> {
    if answers.probe_may_bear_another_error() {
        answers.probe = asker.ask_all(std::slice::from_ref(probe)).await?.pop();
    }
    Ok(())
}

/// Without the entities.
fn questions(probe: Option<&Command>) -> Vec<Command> {
    let plain = |method| Command {
        method,
        params: Vec::new(),
    };
    let mut commands = vec![plain("profile"), plain("scope")];
    commands.extend(probe.cloned());
    commands.push(plain("server.time"));
    commands
}

/// The answers to the questions and to the calls for entities. Where a request with the calls goes
/// unanswered, they may have been too much for it, or have broken the portal: then it goes without.
async fn with_entities<T: Transport, C: Clock>(
    asker: &mut Asker<'_, '_, T, C>,
    questions: &[Command],
    entities: &[Command],
) -> Result<(Vec<Answered>, Option<Vec<Answered>>), CallError> {
    let mut commands = questions.to_vec();
    commands.splice(BEFORE_ENTITIES..BEFORE_ENTITIES, entities.iter().cloned());
    let mut tries = 0;
    while !entities.is_empty() && tries < TRIES {
        tries += 1;
        let error = match asker.ask_all_once(&commands).await {
            Ok(mut answers) => {
                let end = BEFORE_ENTITIES + entities.len();
                let of_entities = answers.drain(BEFORE_ENTITIES..end).collect();
                return Ok((answers, Some(of_entities)));
            }
            Err(error) => error,
        };
        let is_limited = matches!(error, CallError::Limited(_));
        if (is_limited && tries == TRIES) || !(is_limited || may_be_too_much(&error)) {
            return Err(error);
        }
        asker.learn(&error);
        asker.pause(tries).await;
        if !is_limited {
            break;
        }
    }
    Ok((asker.ask_all(questions).await?, None))
}

/// Repeats the questions whose answers say that they may be answered yet.
async fn ask_again<T: Transport, C: Clock>(
    asker: &mut Asker<'_, '_, T, C>,
    questions: &[Command],
    answers: &mut [Answered],
) -> Result<(), CallError> {
    for tries in 1..TRIES {
        let is_open = |answer: &Answered| answer.result.as_ref().is_err_and(may_pass);
        let open: Vec<usize> = (0..answers.len())
            .filter(|place| is_open(&answers[*place]))
            .collect();
        let Some(Err(error)) = open.first().map(|place| &answers[*place].result) else {
            return Ok(());
        };
        asker.learn(error);
        asker.pause(tries).await;
        let commands: Vec<Command> = open.iter().map(|place| questions[*place].clone()).collect();
        let again = asker.ask_all(&commands).await?;
        for (place, answer) in open.into_iter().zip(again) {
            answers[place] = answer;
        }
    }
    Ok(())
}

impl Answers {
    /// Whether the probe's error is that of a call for entities.
    fn probe_may_bear_another_error(&self) -> bool {
        let Some(Err(error)) = self.probe.as_ref().map(|probe| &probe.result) else {
            return false;
        };
        let mut earlier = self.entities.iter().flatten();
        earlier.any(|entity| entity.result.as_ref().is_err_and(|other| other == error))
    }
}
