//! Bytes to values and back: constants and fields at fixed offsets.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// The form of one message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CodecLayout")]
pub(super) struct Layout {
    /// What always stands there.
    pub(super) constants: Vec<Constant>,
    /// Where values stand.
    pub(super) fields: Vec<Field>,
}

/// Bytes that always stand there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CodecConstant")]
pub(super) struct Constant {
    /// Where it begins, in bytes.
    pub(super) offset: usize,
    /// The bytes, each as a number.
    pub(super) bytes: Vec<u8>,
}

/// A value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CodecField")]
pub(super) struct Field {
    /// Where it begins, in bytes.
    pub(super) offset: usize,
    /// How it is written.
    pub(super) form: Form,
    /// The order of its bytes.
    pub(super) endianness: Endianness,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CodecForm")]
pub(super) enum Form {
    /// A number without a sign, of so many bytes.
    Unsigned(usize),
    /// A number with a sign, of so many bytes: two's complement.
    Signed(usize),
    /// A number of four bytes, IEEE 754.
    Float32,
    /// A number of eight bytes, IEEE 754.
    Float64,
    /// UTF-8 text of so many bytes; null means the rest of the message.
    Text(Option<usize>),
    /// So many bytes as hexadecimal digits; null means the rest of the message.
    Bytes(Option<usize>),
}

/// The order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CodecEndianness")]
pub(super) enum Endianness {
    /// The highest byte first.
    Big,
    /// The lowest byte first.
    Little,
}

impl Form {
    /// How many bytes it takes; none if it takes the rest.
    pub(super) const fn width(self) -> Option<usize> {
        match self {
            Self::Unsigned(width) | Self::Signed(width) => Some(width),
            Self::Float32 => Some(4),
            Self::Float64 => Some(8),
            Self::Text(length) | Self::Bytes(length) => length,
        }
    }
}

impl Layout {
    /// The length of the message, and whether it may be longer.
    pub(super) fn length(&self) -> (usize, bool) {
        let constants = self.constants.iter().map(|constant| constant.offset + constant.bytes.len());
        let fields = self.fields.iter().map(|field| field.offset + field.form.width().unwrap_or_default());
        (constants.chain(fields).max().unwrap_or_default(), self.fields.iter().any(|f| f.form.width().is_none()))
    }

    /// The values of the fields.
    pub(super) fn decode(&self, payload: &[u8]) -> Result<Vec<Value>, String> {
        let (length, open) = self.length();
        if payload.len() < length || (payload.len() > length && !open) {
            return Err(format!("it has {length} bytes{}", if open { " or more" } else { "" }));
        }
        for constant in &self.constants {
            if payload.get(constant.offset..constant.offset + constant.bytes.len()) != Some(&constant.bytes) {
                return Err(format!("it has {} at offset {}", hex(&constant.bytes), constant.offset));
            }
        }
        let value = |field: &Field| {
            let end = field.form.width().map_or(payload.len(), |width| field.offset + width);
            let bytes = payload.get(field.offset..end).unwrap_or_default();
            field.value(bytes).map_err(|why| format!("the field at offset {} is {why}", field.offset))
        };
        self.fields.iter().map(value).collect()
    }

    /// The message with these values, which have names for whoever reads an error.
    pub(super) fn encode(&self, names: &[&str], values: &[Option<Value>]) -> Result<Vec<u8>, String> {
        let mut payload = vec![0; self.length().0];
        for constant in &self.constants {
            put(&mut payload, constant.offset, &constant.bytes);
        }
        for (index, field) in self.fields.iter().enumerate() {
            let name = names.get(index).copied().unwrap_or_default();
            let value = values.get(index).and_then(Option::as_ref).ok_or_else(|| format!("{name:?} is missing"))?;
            let bytes = field.bytes(value).map_err(|why| format!("{name:?} is {value}, not {why}"))?;
            put(&mut payload, field.offset, &bytes);
        }
        Ok(payload)
    }
}

/// Writes bytes at an offset; a message grows where its last field is open.
fn put(payload: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if payload.len() < end {
        payload.resize(end, 0);
    }
    if let Some(place) = payload.get_mut(offset..end) {
        place.copy_from_slice(bytes);
    }
}

impl Field {
    fn value(&self, bytes: &[u8]) -> Result<Value, String> {
        let float =
            |number: f64| Number::from_f64(number).map(Value::Number).ok_or_else(|| "no finite number".to_owned());
        match self.form {
            Form::Unsigned(_) => Ok(Value::from(self.unsigned(bytes))),
            Form::Signed(width) => {
                // The sign bit moves to the top, and back with copies of itself.
                let unused = 64 - 8 * width.clamp(1, 8);
                Ok(Value::from((self.unsigned(bytes) << unused).cast_signed() >> unused))
            }
            // A width of 4 leaves the upper half empty.
            Form::Float32 => float(f32::from_bits(u32::try_from(self.unsigned(bytes)).unwrap_or_default()).into()),
            Form::Float64 => float(f64::from_bits(self.unsigned(bytes))),
            Form::Text(length) => {
                let text = std::str::from_utf8(bytes).map_err(|_| "no UTF-8 text".to_owned())?;
                Ok(Value::from(if length.is_some() { text.trim_end_matches('\0') } else { text }))
            }
            Form::Bytes(_) => Ok(Value::from(hex(bytes))),
        }
    }

    /// At most eight bytes as a number.
    fn unsigned(&self, bytes: &[u8]) -> u64 {
        let append = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        match self.endianness {
            Endianness::Big => bytes.iter().fold(0, append),
            Endianness::Little => bytes.iter().rev().fold(0, append),
        }
    }

    fn bytes(&self, value: &Value) -> Result<Vec<u8>, String> {
        match self.form {
            Form::Unsigned(width) => {
                let most = u64::MAX >> (64 - 8 * width.clamp(1, 8));
                let number = value.as_u64().filter(|number| *number <= most);
                Ok(self.ordered(number.ok_or_else(|| format!("a whole number from 0 to {most}"))?, width))
            }
            Form::Signed(width) => {
                let most = i64::MAX >> (64 - 8 * width.clamp(1, 8));
                let number = value.as_i64().filter(|number| (-most - 1..=most).contains(number));
                let number = number.ok_or_else(|| format!("a whole number from {} to {most}", -most - 1))?;
                Ok(self.ordered(number.cast_unsigned(), width))
            }
            Form::Float32 => {
                #[expect(clippy::cast_possible_truncation, reason = "the nearest number that the field can hold")]
                let number = value.as_f64().map(|number| number as f32).filter(|number| number.is_finite());
                Ok(self.ordered(number.ok_or("a number that fits")?.to_bits().into(), 4))
            }
            Form::Float64 => Ok(self.ordered(value.as_f64().ok_or("a number")?.to_bits(), 8)),
            Form::Text(length) => {
                let text = value.as_str().ok_or("a string")?;
                if length.is_some() && text.ends_with('\0') {
                    return Err("a string that does not end in zero bytes".to_owned());
                }
                filled(text.as_bytes().to_vec(), length, true)
            }
            Form::Bytes(length) => {
                let bytes = value.as_str().and_then(unhex).ok_or("a string of pairs of hexadecimal digits")?;
                filled(bytes, length, false)
            }
        }
    }

    /// The lowest bytes of a number, in the field's order.
    fn ordered(&self, number: u64, width: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = number.to_le_bytes().into_iter().take(width).collect();
        if self.endianness == Endianness::Big {
            bytes.reverse();
        }
        bytes
    }
}

/// Text may be shorter than its field, bytes may not: nobody could tell what was filled up.
fn filled(mut bytes: Vec<u8>, length: Option<usize>, may_be_shorter: bool) -> Result<Vec<u8>, String> {
    let Some(length) = length else { return Ok(bytes) };
    if bytes.len() > length || (bytes.len() < length && !may_be_shorter) {
        return Err(format!("{}{length} bytes long", if may_be_shorter { "at most " } else { "" }));
    }
    bytes.resize(length, 0);
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that pairs of hexadecimal digits spell; blanks between them are fine.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().filter(|c| *c != ' ').map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}
