//! Every kind of question gets its answer, and every wrong one a proposal.

use super::layout::WIDTH;
use super::*;
use crate::catalogue;

fn nearest(query: &str) -> Option<String> {
    explain(query).err().and_then(|unknown| unknown.nearest)
}

fn text(query: &str) -> String {
    explain(query).unwrap().verified_by(|id| vec![format!("case-of-{id}")]).to_string()
}

#[test]
fn a_clause_is_found_by_number_name_and_notify_type() {
    for query in ["1.5.2", "register_by_password", "1.8.1", "deviceAdded", "device_added", "1.5.6", "2.4", "1.1"] {
        assert!(matches!(explain(query).unwrap().subject(), Subject::Clause(_)), "{query}");
    }
}

#[test]
fn a_clause_shows_its_route_its_tables_and_its_rules() {
    let page = text("1.5.2");
    for part in ["POST /iocm/app/reg/v2.0.0/deviceCredentials", "lines ", "nodeId", "100426", "(platform must)"] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
}

#[test]
fn a_requirement_shows_its_cases() {
    for id in ["1.5.2/err/400-100426", "1.5.2/req/deviceInfo.nodeId", "1.5.2/res/secret", "2.4/req/mid"] {
        let page = text(id);
        assert!(page.contains(&format!("case-of-{id}")), "{page}");
        assert!(!explain(id).unwrap().to_string().contains("verified by"), "nobody said which cases there are");
    }
}

#[test]
fn a_code_shows_every_row_that_lists_it() {
    let page = text("100426");
    assert!(page.contains("1.5.1/err/400-100426") && page.contains("1.5.2/err/400-100426"), "{page}");
    assert!(text("50400").contains("A-18"));
}

#[test]
fn chapters_and_rulings_can_be_asked_for() {
    assert!(text("devices").contains("register_by_password"));
    assert!(text("1.5").contains("1.5.15"));
    assert!(text("A-99").contains("1.5.11"));
}

#[test]
fn every_wrong_question_meets_a_proposal() {
    assert_eq!(nearest("1.5.22").as_deref(), Some("1.5.2"));
    assert_eq!(nearest("register_by_pasword").as_deref(), Some("register_by_password"));
    assert_eq!(nearest("deviceAded").as_deref(), Some("deviceAdded"));
    assert_eq!(nearest("1.5.2/req/nodeId").as_deref(), Some("1.5.2/req/deviceInfo.nodeId"));
    assert_eq!(nearest("1.5.2/err/100426").as_deref(), Some("1.5.2/err/400-100426"));
    assert_eq!(nearest("1.5.2/res/secrets").as_deref(), Some("1.5.2/res/secret"));
    assert_eq!(nearest("1.5.22/res/secret").as_deref(), Some("1.5.2/res/secret"));
    assert_eq!(nearest("xyzzy-plugh"), None);
    let told = explain("xyzzy-plugh").unwrap_err().to_string();
    assert!(told.contains("ask for a clause"), "{told}");
}

/// Whatever can be asked for fits the page, except where one word is longer than the line.
#[test]
fn pages_fit_their_width() {
    let clauses = catalogue::clauses();
    let codes = ["50400", "1010005", "100203"].map(str::to_owned);
    let ids = requirements::all().iter().step_by(7).map(|r| r.id.clone());
    let queries = clauses.iter().map(|c| c.clause().to_owned()).chain(codes).chain(ids);
    for query in queries {
        for line in text(&query).lines().filter(|line| line.chars().count() > WIDTH) {
            let longest = line.split_whitespace().map(|word| word.chars().count()).max().unwrap_or_default();
            assert!(longest > 40, "{query}: {line}");
        }
    }
}
