//! How the vectors of a text's tokens become its vector.

use serde_json::Value;

/// The ways that sentence-transformers knows; one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// The first token.
    Cls,
    /// The mean of all tokens.
    Mean,
    /// The sum over the square root of their number.
    MeanSqrtLength,
    /// The highest value of each dimension.
    Max,
    /// The mean weighted by place, 1, 2, 3, …
    WeightedMean,
    /// The last token.
    Last,
}

const NAMES: [(&str, Pooling); 6] = [
    ("cls", Pooling::Cls),
    ("mean", Pooling::Mean),
    ("mean_sqrt_len", Pooling::MeanSqrtLength),
    ("max", Pooling::Max),
    ("weightedmean", Pooling::WeightedMean),
    ("lasttoken", Pooling::Last),
];

impl Pooling {
    /// What a pooling module's `config.json` says: `pooling_mode_<name>[_token|_tokens]: true`, or
    /// `pooling_mode: "<name>"`.
    ///
    /// # Errors
    /// None or several are chosen: their vectors would have to be joined.
    pub fn of(config: &Value) -> Result<Pooling, String> {
        let named = |name: &str| {
            config["pooling_mode"].as_str() == Some(name)
                || ["", "_token", "_tokens"]
                    .iter()
                    .any(|end| config[format!("pooling_mode_{name}{end}")].as_bool() == Some(true))
        };
        let chosen: Vec<Pooling> =
            NAMES.into_iter().filter(|(name, _)| named(name)).map(|(_, pooling)| pooling).collect();
        match chosen.as_slice() {
            [one] => Ok(*one),
            [] => Err("no pooling is chosen; one pooling_mode_… has to be true".into()),
            _ => Err("several poolings are chosen, which is not supported".into()),
        }
    }

    /// Its name in the files.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, pooling)| *pooling == self).map_or("", |(name, _)| name)
    }

    /// The vector of one text: `tokens` are the rows of its real tokens, each of `dimension` values, and there is at
    /// least one. Not normalised.
    pub fn pool(self, tokens: &[f32], dimension: usize) -> Vec<f32> {
        let rows: Vec<&[f32]> = tokens.chunks_exact(dimension).collect();
        let count = rows.len() as f32;
        let sum = |weight: &dyn Fn(usize) -> f32| {
            let mut sum = vec![0.0; dimension];
            for (place, row) in rows.iter().enumerate() {
                let weight = weight(place);
                sum.iter_mut().zip(*row).for_each(|(sum, value)| *sum += weight * value);
            }
            sum
        };
        let over = |mut sum: Vec<f32>, by: f32| {
            sum.iter_mut().for_each(|value| *value /= by);
            sum
        };
        let row = |row: Option<&&[f32]>| row.map_or_else(Vec::new, |row| row.to_vec());
        match self {
            Pooling::Cls => row(rows.first()),
            Pooling::Last => row(rows.last()),
            Pooling::Mean => over(sum(&|_| 1.0), count),
            Pooling::MeanSqrtLength => over(sum(&|_| 1.0), count.sqrt()),
            Pooling::WeightedMean => {
                over(sum(&|place| (place + 1) as f32), count * (count + 1.0) / 2.0)
            }
            Pooling::Max => {
                let mut max = vec![f32::NEG_INFINITY; dimension];
                for row in rows {
                    for (max, value) in max.iter_mut().zip(row) {
                        // `f32::max` would pass over a NaN, and hide that the model gives one.
                        if value.is_nan() || *value > *max {
                            *max = *value;
                        }
                    }
                }
                max
            }
        }
    }
}
