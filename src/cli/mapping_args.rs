//! Options that tell what the columns of an old system's export are, and what its IDs have become.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::manifest::mapping::{FileSettings, Mapping};
use crate::manifest::{Manifest, mapped_twice};
use crate::maps::{MapPaths, Maps, MissingValues};
use crate::post::Field;

use super::error::CommandError;
use super::{heading, values};

/// What columns are, and what old IDs have become.
#[derive(Debug, Args)]
pub struct MappingArgs {
    /// A file that says which columns give which fields (see docs/mapping.md)
    #[arg(long, value_name = "FILE.toml", help_heading = heading::INPUT)]
    mapping: Option<PathBuf>,

    /// The column or key that holds a field, such as message=Body; repeatable
    ///
    /// In any letter case. The second of two columns of one name is NAME#2.
    #[arg(
        long,
        value_name = "FIELD=COLUMN",
        value_parser = values::mapping,
        help_heading = heading::INPUT
    )]
    map: Vec<(Field, String)>,

    /// Column or key that is taken for no field; repeatable
    ///
    /// In any letter case. Needed for one that is nearly a field's, such as `file`, and holds
    /// values.
    #[arg(long, value_name = "NAME", help_heading = heading::INPUT)]
    ignore_column: Vec<String>,

    /// Records by their old IDs: a CSV file with the columns type, old_id, id
    ///
    /// Each entity_id, and each record's code in an audience, is looked up there.
    #[arg(long, value_name = "FILE", help_heading = heading::INPUT)]
    entity_map: Option<PathBuf>,

    /// Users by old ID, login, name or e-mail: a CSV file with the columns old, id
    ///
    /// Each author_id, user's code in an audience and mention is looked up there.
    #[arg(long, value_name = "FILE", help_heading = heading::INPUT)]
    user_map: Option<PathBuf>,

    /// Files by their old IDs: a CSV file with the columns id, path
    ///
    /// Each attachment is looked up there.
    #[arg(long, value_name = "FILE", help_heading = heading::INPUT)]
    file_map: Option<PathBuf>,

    /// Where to write what the maps lack, as a map to be filled in
    #[arg(long, value_name = "PATH", help_heading = heading::OUTPUT)]
    pub missing: Option<PathBuf>,
}

impl MappingArgs {
    /// Reads the mapping file, if one is given.
    ///
    /// # Errors
    /// When it can't be read, or something is wrong with it.
    pub fn read(&self) -> Result<Option<Arc<Mapping>>, CommandError> {
        let Some(path) = &self.mapping else {
            return Ok(None);
        };
        let content = std::fs::read(path).map_err(|reason| CommandError::MappingFile {
            path: path.clone(),
            reason,
        })?;
        Ok(Some(Arc::new(Mapping::parse(path, &content)?)))
    }

    /// Columns by the fields that they hold.
    pub fn mapped(&self) -> Vec<(Field, String)> {
        self.map.clone()
    }

    /// Columns that are no fields; the mapping file's where no option names any.
    pub fn ignored(&self, settings: &FileSettings) -> Vec<String> {
        match (&self.ignore_column[..], &settings.ignore_columns) {
            ([], Some(ignored)) => ignored.clone(),
            (ignored, _) => ignored.to_vec(),
        }
    }

    /// Reads the maps that options or the mapping file name.
    ///
    /// # Errors
    /// When one can't be read.
    pub fn maps(
        &self,
        settings: &FileSettings,
        manifest: &Manifest,
    ) -> Result<Arc<Maps>, CommandError> {
        let or = |option: &Option<PathBuf>, setting: &Option<PathBuf>| {
            option.clone().or_else(|| setting.clone())
        };
        let paths = MapPaths {
            entities: or(&self.entity_map, &settings.entity_map),
            users: or(&self.user_map, &settings.user_map),
            files: or(&self.file_map, &settings.file_map),
        };
        let mapping = manifest.mapping();
        let is_named = |kind| mapping.is_some_and(|mapping| mapping.names_map(kind));
        Ok(Arc::new(Maps::load(&paths)?.with_named(is_named)))
    }

    /// Writes what the maps lack, if that is asked for. The files that were written.
    ///
    /// # Errors
    /// When one can't be written.
    pub fn write_missing(&self, missing: &MissingValues) -> Result<Vec<PathBuf>, CommandError> {
        match &self.missing {
            Some(path) if !missing.is_empty() => Ok(missing.write(path)?),
            _ => Ok(Vec::new()),
        }
    }

    /// Whether there is a mapping file.
    pub fn is_file_given(&self) -> bool {
        self.mapping.is_some()
    }

    /// What is wrong with the options as a whole.
    pub fn contradiction(&self) -> Option<String> {
        mapped_twice(&self.map).map(|field| {
            let field = field.name();
            format!("--map names the field `{field}` or its column twice; give each its own")
        })
    }

    /// These options as they could be typed again.
    pub fn typed(&self) -> Vec<OsString> {
        let mut typed: Vec<OsString> = Vec::new();
        for (field, column) in &self.map {
            typed.extend(["--map".into(), format!("{}={column}", field.name()).into()]);
        }
        for name in &self.ignore_column {
            typed.extend(["--ignore-column".into(), name.into()]);
        }
        let files = [
            ("--mapping", &self.mapping),
            ("--entity-map", &self.entity_map),
            ("--user-map", &self.user_map),
            ("--file-map", &self.file_map),
        ];
        for (option, path) in files {
            typed.extend(path.iter().flat_map(|path| [option.into(), path.into()]));
        }
        typed
    }
}
