//! Options that tell where a manifest's rows go, and which parts of them.

use std::ffi::OsString;
use std::path::Path;

use clap::{Args, ValueEnum};

use crate::check::{DefaultAudience, Mentions, Rules, RulesError};
use crate::post::Field;
use crate::targets::{OriginLine, Target};

use super::{heading, values};

/// Where the rows go, and what of them.
#[derive(Debug, Args)]
pub struct PostingArgs {
    /// Where the rows are posted [default: crm-feed]
    #[arg(long, value_parser = values::target(), help_heading = heading::TARGET)]
    pub target: Option<&'static dyn Target>,

    /// Leave this field out of every post; repeatable
    #[arg(
        long,
        value_name = "FIELD",
        value_parser = values::droppable,
        help_heading = heading::TARGET
    )]
    drop: Vec<Field>,

    /// What becomes of mentions such as [user=5]Ann[/user]
    ///
    /// They notify whoever has that number. [default: error in rows with created_at, keep in
    /// others]
    #[arg(long, value_enum, value_name = "HOW", help_heading = heading::TARGET)]
    mentions: Option<MentionsArg>,

    /// Whether created_at and author_name become a first line of the text
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value_t = OriginLineArg::Auto,
        help_heading = heading::TARGET
    )]
    origin_line: OriginLineArg,

    /// Who sees posts of rows without an audience
    ///
    /// Codes such as U1,SG5, or `author` for nobody else.
    #[arg(long, value_name = "CODES|author", help_heading = heading::TARGET)]
    default_audience: Option<DefaultAudience>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MentionsArg {
    /// Send them; they notify
    Keep,
    /// Send the name alone
    Text,
    /// Don't send the row
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OriginLineArg {
    /// Without the name where author_id makes its user the author
    Auto,
    /// With both, whatever the author
    Always,
    /// Date and name are not sent
    None,
}

impl PostingArgs {
    /// The rules that the rows are read by.
    ///
    /// # Errors
    /// When the attachments root is no folder.
    pub fn rules(
        &self,
        target: &'static dyn Target,
        attachments_root: &Path,
    ) -> Result<Rules, RulesError> {
        let audience = self.default_audience.clone();
        let mut rules = Rules::new(target, attachments_root, audience)?;
        rules.dropped = self.dropped().collect();
        rules.mentions = self.mentions.map(|mentions| match mentions {
            MentionsArg::Keep => Mentions::Keep,
            MentionsArg::Text => Mentions::Text,
            MentionsArg::Error => Mentions::Error,
        });
        rules.origin_line = match self.origin_line {
            OriginLineArg::Auto => OriginLine::Auto,
            OriginLineArg::Always => OriginLine::Always,
            OriginLineArg::None => OriginLine::Never,
        };
        Ok(rules)
    }

    /// What is wrong with the options as a whole. A default audience promises that nobody else
    /// sees the posts, which a target without audiences can't keep.
    pub fn contradiction(&self, target: &dyn Target) -> Option<String> {
        let promised = self.default_audience.is_some() && !target.carries(Field::Audience);
        promised.then(|| {
            format!(
                "--default-audience says who sees the posts, and {} has no place for that; leave \
                 it out",
                target.name()
            )
        })
    }

    /// The dropped fields. Kind and number of a record go together.
    fn dropped(&self) -> impl Iterator<Item = Field> {
        self.drop.iter().flat_map(|field| match field {
            Field::EntityType | Field::EntityId => vec![Field::EntityType, Field::EntityId],
            field => vec![*field],
        })
    }

    /// These options as they could be typed again.
    pub fn typed(&self) -> Vec<OsString> {
        let mut typed: Vec<OsString> = Vec::new();
        if let Some(target) = self.target {
            typed.extend(["--target".into(), target.name().into()]);
        }
        for field in &self.drop {
            typed.extend(["--drop".into(), field.name().into()]);
        }
        let mentions = self.mentions.as_ref();
        if let Some(mentions) = mentions.and_then(MentionsArg::to_possible_value) {
            typed.extend(["--mentions".into(), mentions.get_name().into()]);
        }
        let origin = Some(self.origin_line).filter(|origin| *origin != OriginLineArg::Auto);
        if let Some(origin) = origin.and_then(|origin| origin.to_possible_value()) {
            typed.extend(["--origin-line".into(), origin.get_name().into()]);
        }
        if let Some(audience) = &self.default_audience {
            typed.extend(["--default-audience".into(), audience.to_string().into()]);
        }
        typed
    }
}
