//! How much memory an entry takes, and what is cut off so that no single one takes too much.

use bytes::Bytes;

use super::{Call, Connect, Entry, Event, Note, Packet, Pushed};
use crate::deviation::Deviation;

/// The two counters of an [`std::sync::Arc`], and the entry's slot in a ring that may be half empty.
const SHELL: usize = 2 * size_of::<usize>() + 2 * size_of::<usize>();
/// What an allocator takes for itself of each allocation, about.
const ALLOCATION: usize = 16;
/// The longest that a text which isn't a body can be: names, headers, reasons.
const LONGEST_TEXT: usize = 4096;
/// The most deviations and the most notes of one entry.
const MOST_REMARKS: usize = 64;

/// How many bytes of memory the entry takes.
pub(super) fn of(entry: &Entry) -> usize {
    SHELL
        + size_of::<Entry>()
        + match &entry.event {
            Event::Call(call) => call_weight(call),
            Event::Packet(Packet { device, peer, line, note, bytes, .. }) => {
                optional(device) + text(peer) + text(line) + optional(note) + ALLOCATION + bytes.len()
            }
            Event::Connect(connect) => {
                let Connect { client_id, username, device, reason, deviations, notes, .. } = connect;
                text(client_id)
                    + optional(username)
                    + optional(device)
                    + optional(reason)
                    + remarks(deviations)
                    + texts(notes)
            }
            Event::Push(Pushed { application, device, url, body, error, deviations, .. }) => {
                optional(application) + text(device) + text(url) + text(body) + optional(error) + remarks(deviations)
            }
            Event::Note(Note { text: words, device, deviations, .. }) => {
                text(words) + optional(device) + remarks(deviations)
            }
        }
}

fn call_weight(call: &Call) -> usize {
    let Call { application, headers, method, target, deviations, notes, request, answer, .. } = call;
    optional(application)
        + optional(&headers.app_key)
        + optional(&headers.content_type)
        + text(method)
        + text(target)
        + remarks(deviations)
        + texts(notes)
        + text(request)
        + text(answer)
}

fn text(text: &String) -> usize {
    if text.capacity() == 0 { 0 } else { ALLOCATION + text.capacity() }
}

fn optional(given: &Option<String>) -> usize {
    given.as_ref().map_or(0, text)
}

fn texts(list: &Vec<String>) -> usize {
    list.capacity() * size_of::<String>() + list.iter().map(text).sum::<usize>()
}

fn remarks(list: &Vec<Deviation>) -> usize {
    let inside = |deviation: &Deviation| text(&deviation.text) + optional(&deviation.path);
    list.capacity() * size_of::<Deviation>() + list.iter().map(inside).sum::<usize>()
}

/// Cuts off what is too long, and says how much it was.
pub(super) fn cut(event: &mut Event, longest_body: usize) {
    let short = LONGEST_TEXT.min(longest_body.max(1));
    match event {
        Event::Call(call) => {
            cut_text(&mut call.request, longest_body);
            cut_text(&mut call.answer, longest_body);
            cut_text(&mut call.method, short);
            cut_text(&mut call.target, longest_body);
            let headers = &mut call.headers;
            [&mut call.application, &mut headers.app_key, &mut headers.content_type]
                .into_iter()
                .for_each(|text| cut_optional(text, short));
            cut_list(&mut call.notes, |note| cut_text(note, short));
            cut_remarks(&mut call.deviations, short);
        }
        Event::Packet(packet) => {
            cut_text(&mut packet.line, short);
            cut_optional(&mut packet.note, short);
            cut_bytes(&mut packet.bytes, &mut packet.left_out, longest_body);
        }
        Event::Connect(connect) => {
            cut_text(&mut connect.client_id, short);
            cut_optional(&mut connect.username, short);
            cut_optional(&mut connect.reason, short);
            cut_list(&mut connect.notes, |note| cut_text(note, short));
            cut_remarks(&mut connect.deviations, short);
        }
        Event::Push(push) => {
            cut_text(&mut push.body, longest_body);
            cut_text(&mut push.url, short);
            cut_optional(&mut push.error, short);
            cut_remarks(&mut push.deviations, short);
        }
        Event::Note(note) => {
            cut_text(&mut note.text, short);
            cut_remarks(&mut note.deviations, short);
        }
    }
}

fn cut_text(text: &mut String, longest: usize) {
    if text.len() <= longest {
        return;
    }
    let end = (0..=longest).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let left_out = text.len() - end;
    // A new string, so that the memory of the long one is given back.
    *text = format!("{}… ({left_out} bytes left out)", &text[..end]);
}

fn cut_optional(text: &mut Option<String>, longest: usize) {
    if let Some(text) = text {
        cut_text(text, longest);
    }
}

fn cut_list<T>(list: &mut Vec<T>, cut: impl FnMut(&mut T)) {
    if list.len() > MOST_REMARKS {
        list.truncate(MOST_REMARKS);
        list.shrink_to_fit();
    }
    list.iter_mut().for_each(cut);
}

fn cut_remarks(list: &mut Vec<Deviation>, longest: usize) {
    cut_list(list, |deviation| {
        cut_text(&mut deviation.text, longest);
        cut_optional(&mut deviation.path, longest);
    });
}

fn cut_bytes(bytes: &mut Bytes, left_out: &mut usize, longest: usize) {
    if bytes.len() > longest {
        *left_out += bytes.len() - longest;
        *bytes = Bytes::copy_from_slice(&bytes[..longest]);
    }
}
