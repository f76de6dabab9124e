//! All files of a folder: a path that ends in `/*`, as a template makes it of a note's ID.

use std::fs;

use crate::post::Attachment;

use super::Rules;

/// Files that systems put into folders for themselves.
const OF_SYSTEMS: [&str; 2] = ["thumbs.db", "desktop.ini"];

/// The paths of the files in a folder, by name, if the path asks for all of them; none where there is
/// no such folder. Folders within it, hidden files and those of systems are left alone.
pub(super) fn files_of_folder(path: &str, rules: &Rules) -> Option<Vec<String>> {
    let folder = path
        .strip_suffix("/*")
        .or_else(|| path.strip_suffix("\\*"))?;
    let below_root = rules.without_prefix(folder);
    let relative = Attachment::at(below_root).relative().ok()?;
    let Ok(real) = fs::canonicalize(rules.root().join(relative)) else {
        return Some(Vec::new());
    };
    if !real.starts_with(rules.root()) {
        return None;
    }
    let mut names: Vec<String> = fs::read_dir(real)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .filter(|name| !OF_SYSTEMS.contains(&name.to_lowercase().as_str()))
        .collect();
    names.sort_unstable();
    let path = |name: String| format!("{below_root}/{name}");
    Some(names.into_iter().map(path).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::Timeline;

    #[test]
    fn a_folder_stands_for_its_files() {
        let root = tempfile::tempdir().unwrap();
        for file in [
            "51/b.txt",
            "51/a.txt",
            "51/.hidden",
            "51/Thumbs.db",
            "51/sub/c.txt",
        ] {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let rules = Rules::new(&Timeline, root.path(), None).unwrap();
        let files = |path| files_of_folder(path, &rules);
        let both = vec!["51/a.txt".to_owned(), "51/b.txt".to_owned()];
        assert_eq!(files("51/*"), Some(both.clone()));
        assert_eq!(files("51\\*"), Some(both));
        assert_eq!(files("52/*"), Some(Vec::new()));
        assert_eq!(files("51/a.txt"), None);
        assert_eq!(files("../*"), None);
    }
}
