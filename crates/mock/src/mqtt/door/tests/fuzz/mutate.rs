//! Real packets, and what becomes of them by chance. The same seed gives the same mutations.

use super::super::rig::{connect_with, packet, publish, subscribe, text};

/// Numbers by chance (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below a bound; 0 if that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound.max(1) as u64) as usize
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

const REPORT: &str = r#"{"msgType":"deviceReq","data":[{"serviceId":"Light","serviceData":{"brightness":80},"eventTime":"20180724T170000Z"}]}"#;
const ANSWER: &str = r#"{"msgType":"deviceRsp","mid":1,"errcode":0,"body":{"value":4}}"#;

/// What a device says after its CONNECT, in an order in which it may say it.
pub fn conversation(device: &str) -> Vec<Vec<u8>> {
    let data = format!("/huawei/v1/devices/{device}/data/json");
    let commands = format!("/huawei/v1/devices/{device}/command/json");
    vec![
        subscribe(1, &[(&commands, 1)]),
        publish(0b0010, 2, &data, REPORT.as_bytes()),
        publish(0, 0, &data, REPORT.as_bytes()),
        publish(0b0100, 3, &data, REPORT.as_bytes()),
        packet(0x62, &[0, 3]),
        publish(0b1010, 2, &data, ANSWER.as_bytes()),
        publish(0b0010, 4, &data.replace("json", "binary"), &[0, 1, 0xff, 0x7f]),
        subscribe(5, &[(&commands, 0), ("#", 2), ("a/+/b", 1), ("$SYS/#", 1)]),
        packet(0x40, &[0, 1]),
        packet(0x50, &[0, 1]),
        packet(0x70, &[0, 1]),
        packet(0xa2, &[&[0, 6][..], &text(&commands)].concat()),
        vec![0xc0, 0],
    ]
}

/// Every kind of packet that devices really send.
pub fn corpus(device: &str) -> Vec<Vec<u8>> {
    let client = format!("{device}_0_0_2018072417");
    let credentials = [text(&client), text(device), text(&"a".repeat(64))].concat();
    let will = [text(&client), text("gone"), text("x"), text(device), text("p")].concat();
    let mut all = conversation(device);
    all.extend([
        connect_with(0xc2, 120, &credentials),
        connect_with(0xee, 0, &will),
        connect_with(2, 60, &text(&client)),
        vec![0xe0, 0],
    ]);
    all
}

/// A packet of the corpus, changed once to three times.
pub fn mutated(dice: &mut Dice, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = dice.pick(corpus).clone();
    for _ in 0..=dice.below(3) {
        mutate(dice, corpus, &mut bytes);
    }
    bytes
}

/// Text that is none, and characters that texts shouldn't have.
const UNSOUND: [&[u8]; 9] = [
    &[0xff],
    &[0xc0, 0x80],
    &[0xed, 0xa0, 0x80],
    &[0xf4, 0x90, 0x80, 0x80],
    &[0],
    &[1],
    &[0x1b],
    &[0x7f],
    &[0xc2, 0x80],
];

/// Remaining lengths: huge, of five bytes, of too many zeros.
const LENGTHS: [&[u8]; 6] = [
    &[0xff, 0xff, 0xff, 0x7f],
    &[0xff, 0xff, 0xff, 0xff, 0x01],
    &[0x80, 0x80, 0x80, 0x00],
    &[0xff, 0x7f],
    &[0x80, 0x80, 0x10],
    &[0x00],
];

pub fn mutate(dice: &mut Dice, corpus: &[Vec<u8>], bytes: &mut Vec<u8>) {
    let at = dice.below(bytes.len());
    match dice.below(11) {
        // Bits flip.
        0 | 1 => {
            for _ in 0..=dice.below(4) {
                let at = dice.below(bytes.len());
                let bit = dice.below(8);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
        }
        // The end is missing.
        2 => bytes.truncate(at),
        // A length lies: the packet's, or one of a string.
        3 if bytes.len() > 1 => bytes[1] = dice.below(256) as u8,
        4 if at + 1 < bytes.len() => {
            let lie = *dice.pick(&[0, 1, 0x7f, 0xff, 0x100, 0x7fff, 0xffff]);
            bytes[at..at + 2].copy_from_slice(&u16::to_be_bytes(lie));
        }
        5 if bytes.len() > 1 => {
            let length = *dice.pick(&LENGTHS);
            bytes.splice(1..2, length.iter().copied());
        }
        // The head of one packet and the tail of another.
        6 => {
            let other = dice.pick(corpus);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[dice.below(other.len())..]);
        }
        // Something is there twice.
        7 => {
            let end = at + dice.below(bytes.len() - at + 1);
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        8 => bytes.extend_from_within(..),
        // Text that is none, with the packet's length made right again half of the time.
        9 => {
            let part = *dice.pick(&UNSOUND);
            bytes.splice(at..at, part.iter().copied());
            if bytes.len() > 2 && bytes[1] < 0x70 && dice.below(2) == 0 {
                bytes[1] += part.len() as u8;
            }
        }
        _ => {
            for byte in bytes.iter_mut().skip(at).take(1 + dice.below(3)) {
                *byte = dice.below(256) as u8;
            }
        }
    }
    // What grows by repetition ends somewhere.
    bytes.truncate(4096);
}
