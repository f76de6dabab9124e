//! Whom the names in audiences mean: departments and workgroups by name, users by e-mail address
//! (bitrix24-rest.md §13.3). A name that means nobody or more than one stops the run.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::batch::{Command, MAX_COMMANDS, Value};
use crate::import::briefing::NamedAudience;
use crate::import::clock::Clock;
use crate::import::ending::Break;
use crate::import::error::RunError;
use crate::import::paced_client::Asker;
use crate::maps::folded;
use crate::portal::Transport;
use crate::post::{AudienceCode, AudienceKind, AudienceName, remote_id};

/// Problems that are told at once.
const TOLD: usize = 10;

/// Asks for the codes of names and puts them into the rules, so that the rows to be sent have codes.
/// Even without names the rules know from here on that all names have been asked for.
pub async fn resolve<T: Transport, C: Clock>(
    asker: &mut Asker<'_, '_, T, C>,
    names: &BTreeSet<AudienceName>,
) -> Result<Vec<NamedAudience>, Break> {
    let names: Vec<&AudienceName> = names.iter().collect();
    let (mut meant, mut problems) = (Vec::new(), Vec::new());
    for page in names.chunks(MAX_COMMANDS) {
        let commands: Vec<Command> = page.iter().map(|name| command(name)).collect();
        let answers = asker.ask_all(&commands).await?;
        for (name, answer) in page.iter().zip(answers) {
            let answer = answer.result.map_err(|error| RunError::AudienceUnread {
                name: name.to_string(),
                scope: scope(name.kind),
                error: Box::new(error),
            })?;
            match meaning(name, &answer) {
                Ok(found) => meant.push(found),
                Err(problem) => problems.push(problem),
            }
        }
    }
    if !problems.is_empty() {
        let more = problems.len().saturating_sub(TOLD);
        problems.truncate(TOLD);
        problems.extend((more > 0).then(|| format!("and {more} more")));
        return Err(RunError::AudienceNames { problems }.into());
    }
    count_departments(asker, &mut meant).await;
    let codes = names
        .into_iter()
        .cloned()
        .zip(meant.iter().map(|meant| meant.code));
    let known = Arc::new(codes.collect());
    Arc::make_mut(&mut asker.job.rules).audience_names = Some(known);
    Ok(meant.into_iter().map(Meant::told).collect())
}

/// Whom a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Meant {
    name: String,
    code: AudienceCode,
    people: Option<u64>,
}

impl Meant {
    fn told(self) -> NamedAudience {
        let is_department = self.code.kind == AudienceKind::Department;
        NamedAudience {
            name: self.name,
            code: self.code.to_string(),
            // Of a department only its own people are counted, and a page of them.
            or_more: is_department && self.people.is_some(),
            people: self.people,
        }
    }
}

fn scope(kind: AudienceKind) -> &'static str {
    match kind {
        AudienceKind::Department => "department",
        AudienceKind::Workgroup => "sonet_group",
        _ => "user",
    }
}

fn command(name: &AudienceName) -> Command {
    let text = |text: &str| Value::Text(text.to_owned());
    let filter = |key| ("FILTER", Value::Map(vec![(key, text(&name.name))]));
    match name.kind {
        AudienceKind::Department => Command {
            method: "department.get",
            params: vec![("NAME", text(&name.name))],
        },
        // An administrator finds groups that they are no member of only so.
        AudienceKind::Workgroup => Command {
            method: "sonet_group.get",
            params: vec![filter("=NAME"), ("IS_ADMIN", text("Y"))],
        },
        _ => Command {
            method: "user.get",
            params: vec![filter("=EMAIL")],
        },
    }
}

/// The only one of that name.
///
/// # Errors
/// What is wrong with the name, for the user.
fn meaning(name: &AudienceName, answer: &Json) -> Result<Meant, String> {
    let key = if name.kind == AudienceKind::User {
        "EMAIL"
    } else {
        "NAME"
    };
    let is_it = |entry: &&Json| {
        let text = entry.get(key).and_then(Json::as_str).unwrap_or_default();
        let is_gone = entry
            .get("ACTIVE")
            .is_some_and(|active| active == &Json::Bool(false) || active.as_str() == Some("N"));
        folded(text) == folded(&name.name) && !is_gone
    };
    let found = answer.as_array().into_iter().flatten().filter(is_it);
    let found = found.filter_map(|entry| {
        let id = remote_id(entry.get("ID")?)?;
        let kind = name.kind;
        Some((AudienceCode { kind, id }, members(entry)))
    });
    let found: Vec<(AudienceCode, Option<u64>)> = found.collect();
    let shown = name.to_string().escape_debug().to_string();
    match found[..] {
        [(code, people)] => Ok(Meant {
            name: name.to_string(),
            code,
            people,
        }),
        [] => Err(format!("the portal shows nothing that is called `{shown}`")),
        _ => {
            let codes = found.iter().map(|(code, _)| code.to_string());
            let codes: Vec<String> = codes.collect();
            Err(format!("`{shown}` may be any of {}", codes.join(", ")))
        }
    }
}

/// How many members a workgroup has.
fn members(group: &Json) -> Option<u64> {
    let count = group.get("NUMBER_OF_MEMBERS")?;
    count.as_u64().or_else(|| count.as_str()?.parse().ok())
}

/// Counts the people of departments; a run can do without.
async fn count_departments<T: Transport, C: Clock>(
    asker: &mut Asker<'_, '_, T, C>,
    meant: &mut [Meant],
) {
    let is_department = |meant: &&mut Meant| meant.code.kind == AudienceKind::Department;
    let mut departments: Vec<&mut Meant> = meant.iter_mut().filter(is_department).collect();
    departments.truncate(MAX_COMMANDS);
    let commands: Vec<Command> = departments
        .iter()
        .map(|meant| people_of(meant.code.id))
        .collect();
    if commands.is_empty() {
        return;
    }
    let answers = asker.ask_all(&commands).await.unwrap_or_default();
    for (meant, answer) in departments.into_iter().zip(answers) {
        let people = answer.result.ok();
        meant.people = people.and_then(|people| Some(people.as_array()?.len() as u64));
    }
}

fn people_of(department: u64) -> Command {
    let text = |text: &str| Value::Text(text.to_owned());
    let filter = vec![
        ("UF_DEPARTMENT", text(&department.to_string())),
        ("ACTIVE", text("true")),
    ];
    Command {
        method: "user.get",
        params: vec![("FILTER", Value::Map(filter))],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(text: &str, answer: Json) -> Result<(String, Option<u64>), String> {
        let name = AudienceName::parse(text).unwrap();
        meaning(&name, &answer).map(|meant| (meant.code.to_string(), meant.people))
    }

    #[test]
    fn only_one_of_a_name_is_meant() {
        let group = |id: u64, name: &str, active: &str| {
            json!({"ID": id.to_string(), "NAME": name,
            "ACTIVE": active, "NUMBER_OF_MEMBERS": "12"})
        };
        let one = json!([
            group(5, "новости", "Y"),
            group(6, "Новости 2", "Y"),
            group(7, "Новости", "N")
        ]);
        assert_eq!(named("group:Новости", one), Ok(("SG5".into(), Some(12))));
        let two = json!([group(5, "News", "Y"), group(9, "NEWS", "Y")]);
        let problem = named("group:News", two).unwrap_err();
        assert_eq!(problem, "`group:News` may be any of SG5, SG9");
        // Where the portal doesn't show addresses it shows everybody.
        let problem = named("user:a@b.c", json!([{"ID": "1"}, {"ID": "2"}])).unwrap_err();
        assert!(
            problem.contains("nothing that is called `user:a@b.c`"),
            "{problem}"
        );
        let department = json!([{"ID": 3, "NAME": "Sales"}]);
        assert_eq!(
            named("department:sales", department),
            Ok(("DR3".into(), None))
        );
    }
}
