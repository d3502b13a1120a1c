//! Routers can't be stopped, so platforms that come and go must share them.

#![cfg(target_os = "linux")]

use super::rig::*;

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// Other tests start threads too, so the counting happens in a process of its own.
#[test]
fn a_hundred_doors_leave_no_thread_behind() {
    let own = "a_hundred_doors_in_a_process_of_their_own";
    let path = module_path!().split_once("::").unwrap().1;
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("{path}::{own}"), "--ignored", "--test-threads=1"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "run by its neighbour in a process of its own"]
async fn a_hundred_doors_in_a_process_of_their_own() {
    one_life().await;
    let before = threads();
    for _ in 0..100 {
        one_life().await;
    }
    assert_eq!(threads(), before, "after one hundred doors, one after the other");
    let houses: Vec<_> = (0..100).map(|_| house()).collect();
    for house in houses {
        house.door.stop().await;
    }
    // Sixteen share a router.
    assert_eq!(threads(), before + 6, "after one hundred doors at once");
    let houses: Vec<_> = (0..100).map(|_| house()).collect();
    for house in houses {
        house.door.stop().await;
    }
    assert_eq!(threads(), before + 6, "after another hundred");
}

async fn one_life() {
    let house = house();
    let (mut raw, _) = house.device("d").await;
    raw.subscribe("t", 1).await;
    assert!(house.door.publish("d", "t", payload("x"), 1));
    assert_eq!(raw.packet("the message").await, publish(0b0010, 1, "t", b"x"));
    house.door.stop().await;
}
