//! Writes ONNX models: as much protobuf as a small graph needs, so that no model file and no Python is needed.
//!
//! Field numbers are those of `onnx.proto`; protobuf allows the fields of a message in any order.

/// Element types of ONNX.
pub const FLOAT: u64 = 1;
const INT64: u64 = 7;
/// Attribute types of ONNX.
const INT: u64 = 2;
const INTS: u64 = 7;

const IR_VERSION: u64 = 8;
const OPSET: u64 = 17;

/// A graph under construction: the encoded `GraphProto`.
#[derive(Default)]
pub struct Graph {
    body: Vec<u8>,
}

impl Graph {
    /// An int64 input of shape [batch, seq].
    pub fn input(mut self, name: &str) -> Graph {
        self.body.extend(message(11, &[value_info(name, INT64, &["batch", "seq"])]));
        self
    }

    /// A float output; each side is a number or the name of a side that varies.
    pub fn output(mut self, name: &str, sides: &[&str]) -> Graph {
        self.body.extend(message(12, &[value_info(name, FLOAT, sides)]));
        self
    }

    /// A constant of floats.
    pub fn floats(self, name: &str, sides: &[usize], values: &[f32]) -> Graph {
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, FLOAT, sides, &raw)
    }

    /// A constant of one whole number: axes are inputs of newer operators.
    pub fn axis(self, name: &str, axis: i64) -> Graph {
        self.constant(name, INT64, &[1], &axis.to_le_bytes())
    }

    fn constant(mut self, name: &str, kind: u64, sides: &[usize], raw: &[u8]) -> Graph {
        let mut tensor: Vec<Vec<u8>> = sides.iter().map(|side| number(1, *side as u64)).collect();
        tensor.extend([number(2, kind), bytes(8, name.as_bytes()), bytes(9, raw)]);
        self.body.extend(message(5, &tensor));
        self
    }

    /// A node with one output and whole-number attributes; `axes` is a list of one.
    pub fn node(
        mut self,
        kind: &str,
        from: &[&str],
        to: &str,
        attributes: &[(&str, i64)],
    ) -> Graph {
        let mut node: Vec<Vec<u8>> = from.iter().map(|name| bytes(1, name.as_bytes())).collect();
        node.extend([bytes(2, to.as_bytes()), bytes(4, kind.as_bytes())]);
        for (name, value) in attributes {
            let (field, kind) = if *name == "axes" { (8, INTS) } else { (3, INT) };
            let parts = [bytes(1, name.as_bytes()), number(field, *value as u64), number(20, kind)];
            node.push(message(5, &parts));
        }
        self.body.extend(message(1, &node));
        self
    }

    /// The `ModelProto`.
    pub fn model(self) -> Vec<u8> {
        let graph = [self.body, bytes(2, b"tiny")].concat();
        [number(1, IR_VERSION), bytes(7, &graph), message(8, &[number(2, OPSET)])].concat()
    }
}

fn value_info(name: &str, kind: u64, sides: &[&str]) -> Vec<u8> {
    let side = |side: &&str| match side.parse() {
        Ok(fixed) => message(1, &[number(1, fixed)]),
        Err(_) => message(1, &[bytes(2, side.as_bytes())]),
    };
    let shape: Vec<Vec<u8>> = sides.iter().map(side).collect();
    let tensor = message(1, &[number(1, kind), message(2, &shape)]);
    [bytes(1, name.as_bytes()), bytes(2, &tensor)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
}

fn message(field: u64, parts: &[Vec<u8>]) -> Vec<u8> {
    bytes(field, &parts.concat())
}
