mod data;
mod document;
mod properties;
mod vectors;
