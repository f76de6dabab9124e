//! In the timeline `author_id` is kept where the portal keeps it, and the text names the author on
//! newer portals, which post as the credentials' user whatever author a call names.

use crate::common::{Run, Sandbox, TIMELINE, Workspace, assert_counts};

/// Rows by the credentials' user, by user 9 without a name and by user 5 with one.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        "external_id,message,entity_type,entity_id,author_id,author_name\n\
         a,Own,deal,1,,\n\
         b,First,deal,2,9,\n\
         c,Second,deal,3,9,\n\
         d,Named,deal,4,5,Ann Lee\n",
    );
    workspace
}

fn import(workspace: &Workspace, portal: &Sandbox, more: &[&str]) -> Run {
    workspace.import(portal, &[&TIMELINE, more].concat())
}

/// Author and text of each post by its deal.
fn posts(portal: &Sandbox) -> Vec<(u64, String)> {
    let mut posts = portal.posts();
    posts.sort_by_key(|post| post.entity);
    posts
        .into_iter()
        .map(|post| (post.author, post.message))
        .collect()
}

fn texts(posts: &[(u64, String)], author: u64) -> Vec<&str> {
    assert!(posts.iter().all(|(by, _)| *by == author), "{posts:?}");
    posts.iter().map(|(_, text)| text.as_str()).collect()
}

#[test]
fn a_portal_that_keeps_authors_gets_no_names() {
    let workspace = workspace();
    let portal = Sandbox::start(&workspace, &["--keep-author", "yes"]);
    let run = import(&workspace, &portal, &[]).expect(0);
    assert_counts(&run.json(), &[("posted", 4)]);
    let by: Vec<(u64, String)> = posts(&portal);
    let by: Vec<(u64, &str)> = by.iter().map(|(by, text)| (*by, text.as_str())).collect();
    assert_eq!(by, [(1, "Own"), (9, "First"), (9, "Second"), (5, "Named")]);
    assert!(!run.stderr.contains("keeps no author"), "{}", run.stderr);
}

/// The post on which it was seen is mended, and the run goes on.
#[test]
fn where_authors_are_lost_the_texts_name_them() {
    let workspace = workspace();
    let portal = Sandbox::start(&workspace, &[]);
    let run = import(&workspace, &portal, &[]).expect(0);
    assert_counts(&run.json(), &[("posted", 4)]);
    let told = "this portal keeps no author: row 2 (line 3) was posted as ID";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    let expected = [
        "Own",
        "[i]user 9[/i]\nFirst",
        "[i]user 9[/i]\nSecond",
        "[i]Ann Lee[/i]\nNamed",
    ];
    assert_eq!(texts(&posts(&portal), 1), expected);
}

#[test]
fn names_are_asked_of_the_portal_where_the_permission_is_there() {
    let workspace = workspace();
    let portal = Sandbox::start(&workspace, &["--scope", "crm,user"]);
    import(&workspace, &portal, &[]).expect(0);
    let posts = posts(&portal);
    let texts = texts(&posts, 1);
    assert_eq!(texts[1], "[i]User 9[/i]\nFirst");
    assert_eq!(texts[3], "[i]Ann Lee[/i]\nNamed", "as the row has it");
}

/// What a run has seen is told before the question of the next one, which tries it anew.
#[test]
fn the_next_run_knows_and_tries_again() {
    let workspace = workspace();
    let portal = Sandbox::start(&workspace, &[]);
    import(&workspace, &portal, &["--limit", "2"]).expect(0);
    let run = import(&workspace, &portal, &[]).expect(0);
    let told = "since this portal keeps no author";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert_eq!(texts(&posts(&portal), 1)[2], "[i]user 9[/i]\nSecond");
}

#[test]
fn without_a_first_line_nothing_is_changed_and_that_is_told() {
    let workspace = workspace();
    let portal = Sandbox::start(&workspace, &[]);
    let run = import(&workspace, &portal, &["--origin-line", "none"]).expect(0);
    assert!(run.stderr.contains("--origin-line none"), "{}", run.stderr);
    let plain = ["Own", "First", "Second", "Named"];
    assert_eq!(texts(&posts(&portal), 1), plain);
}
