//! Texts as the numbers that a model reads, in batches of like length.

use tokenizers::{
    EncodeInput, Encoding, PostProcessor, Tokenizer, TruncationDirection, TruncationParams,
    TruncationStrategy,
};

use super::{Directory, Kind, LoadError};
use crate::{limits::MODEL_BATCH_TOKENS_MAX, models::ModelError};

/// The tokenizer of a model, cutting at the model's length.
pub struct Tokens {
    tokenizer: Tokenizer,
}

/// Inputs that are run together, padded to the longest.
pub struct Batch {
    /// Which of the inputs, in the rows' order.
    pub places: Vec<usize>,
    /// Tokens of each row that are no padding.
    pub lengths: Vec<usize>,
    /// Tokens of a row.
    pub width: usize,
    /// Token ids, row by row.
    pub ids: Vec<i64>,
    /// 1 for a token, 0 for padding.
    pub mask: Vec<i64>,
    /// 0 for the first text of an input, 1 for the second.
    pub types: Vec<i64>,
}

impl Tokens {
    pub fn of(directory: &Directory) -> Result<Tokens, LoadError> {
        let corrupt = |detail: String| LoadError::Corrupt {
            path: directory.path.join("tokenizer.json"),
            expected: "tokenizer",
            detail,
        };
        let mut tokenizer = Tokenizer::from_bytes(&directory.tokenizer)
            .map_err(|error| corrupt(error.to_string()))?;
        // A file may fix a padding and a length of its own; ours follow the batch and the model.
        tokenizer.with_padding(None);
        let texts = if matches!(directory.kind, Kind::Entailment(_)) { 2 } else { 1 };
        let frame = tokenizer.get_post_processor().map_or(0, |frame| frame.added_tokens(texts > 1));
        // The tokenizer would take the frame from the length, end below 0, and cut nothing.
        if directory.tokens_max < frame + texts {
            return Err(LoadError::Unfit {
                path: directory.path.clone(),
                detail: format!(
                    "its files say that it reads {} tokens; {frame} are the tokenizer's own, which leaves no room for a text",
                    directory.tokens_max
                ),
            });
        }
        let truncation = TruncationParams {
            max_length: directory.tokens_max,
            strategy: TruncationStrategy::LongestFirst,
            stride: 0,
            direction: TruncationDirection::Right,
        };
        tokenizer.with_truncation(Some(truncation)).map_err(|error| corrupt(error.to_string()))?;
        Ok(Tokens { tokenizer })
    }

    /// All inputs in batches of up to [`MODEL_BATCH_TOKENS_MAX`] tokens with padding, shortest inputs first, so that little
    /// is padded.
    ///
    /// # Errors
    /// A text that the tokenizer refuses.
    pub fn batches<'s>(
        &self,
        inputs: Vec<impl Into<EncodeInput<'s>>>,
        padding_id: u32,
    ) -> Result<Vec<Batch>, ModelError> {
        let encode = |input| {
            let refused =
                |error| ModelError::Never(format!("the tokenizer refuses a text: {error}"));
            self.tokenizer.encode_fast(input, true).map_err(refused)
        };
        let encoded: Vec<Encoding> =
            inputs.into_iter().map(encode).collect::<Result<_, ModelError>>()?;
        let mut order: Vec<usize> = (0..encoded.len()).collect();
        order.sort_by_key(|place| (encoded[*place].len(), *place));
        let mut batches: Vec<Vec<usize>> = Vec::new();
        for place in order {
            let width = tokens(&encoded[place]);
            match batches.last_mut() {
                Some(batch) if (batch.len() + 1) * width <= MODEL_BATCH_TOKENS_MAX => {
                    batch.push(place);
                }
                _ => batches.push(vec![place]),
            }
        }
        Ok(batches.into_iter().map(|places| padded(places, &encoded, padding_id)).collect())
    }
}

/// A text of which no token is left is read as one token of padding: a row of none has no vector.
fn tokens(encoding: &Encoding) -> usize {
    encoding.len().max(1)
}

fn padded(places: Vec<usize>, encoded: &[Encoding], padding_id: u32) -> Batch {
    let lengths: Vec<usize> = places.iter().map(|place| tokens(&encoded[*place])).collect();
    let width = lengths.iter().copied().max().unwrap_or(0);
    let size = width * places.len();
    let (mut ids, mut mask, mut types) =
        (Vec::with_capacity(size), Vec::with_capacity(size), Vec::with_capacity(size));
    for place in &places {
        let (encoding, from) = (&encoded[*place], ids.len());
        ids.extend(encoding.get_ids().iter().map(|id| i64::from(*id)));
        mask.extend(encoding.get_attention_mask().iter().map(|on| i64::from(*on)));
        if encoding.is_empty() {
            mask.push(1);
        }
        types.extend(encoding.get_type_ids().iter().map(|kind| i64::from(*kind)));
        ids.resize(from + width, i64::from(padding_id));
        mask.resize(from + width, 0);
        types.resize(from + width, 0);
    }
    Batch { places, lengths, width, ids, mask, types }
}
