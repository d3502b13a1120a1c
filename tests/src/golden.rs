//! Documents that are kept in `golden/`, so that a change of any is seen in review.

use std::path::Path;

/// Compares a document with its golden file, where every line counts, where it stands; or writes it with
/// `UPDATE_GOLDEN=1`. `test` is the target that does so, `advice` what to think of before.
///
/// # Panics
/// If the two differ, or the file cannot be written.
pub fn document(name: &str, text: &str, test: &str, advice: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).expect("a golden file that can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let differing = kept.lines().zip(text.lines()).position(|(kept, now)| kept != now);
    assert!(
        kept == text,
        "golden/{name} has changed, from line {:?}\n{advice}To take it over: UPDATE_GOLDEN=1 cargo test --test {test}",
        differing.map(|line| line + 1)
    );
}
