-- Searching by words and facts.

-- Raised whenever documents were written, so that what was made from them in memory is known to be old.
ALTER TABLE tintype_meta ADD COLUMN search_revision INTEGER NOT NULL DEFAULT 0;

-- What is known of a photo in words (body: a line for each piece), and the numbers that searches ask for and photos
-- do not hold.
CREATE TABLE search_documents (
    photo_id INTEGER PRIMARY KEY REFERENCES photos (id) ON DELETE CASCADE,
    faces INTEGER,
    aperture REAL,
    focal_mm REAL,
    aesthetic REAL,
    body TEXT NOT NULL
);

-- The words of documents by field. The row is the photo's; the text itself is in search_documents only. Words come
-- folded, so that the tokenizer has nothing to do but split at spaces; '¦' stands before each piece, so that no
-- sequence of words reaches from one piece into the next.
CREATE VIRTUAL TABLE search_index USING fts5(
    person, keyword, title, tag, object, bib, text, caption, album, place, name, folder, camera, lens, date,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);

-- Photos whose documents do not hold what is known now.
CREATE TABLE search_dirty (
    photo_id INTEGER PRIMARY KEY
);
INSERT INTO search_dirty (photo_id) SELECT id FROM photos;

-- Pieces that many photos share, for suggestions. folded: its words.
CREATE TABLE search_terms (
    field TEXT NOT NULL,
    folded TEXT NOT NULL,
    label TEXT NOT NULL,
    photos INTEGER NOT NULL,
    PRIMARY KEY (field, folded)
);
