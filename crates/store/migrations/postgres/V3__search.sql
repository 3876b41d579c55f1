-- The twin of the SQLite migration.
-- Searching by words and facts.

-- Raised whenever documents were written, so that what was made from them in memory is known to be old.
ALTER TABLE tintype_meta ADD COLUMN search_revision BIGINT NOT NULL DEFAULT 0;

-- What is known of a photo in words (body: a line for each piece), and the numbers that searches ask for and photos
-- do not hold. words: each word twice, alone and behind its field's letter ('t/beach'); '¦' behind a field's letter
-- says that the field holds something. Positions leave a gap between pieces, so that no sequence of words reaches
-- from one piece into the next.
CREATE TABLE search_documents (
    photo_id BIGINT PRIMARY KEY REFERENCES photos (id) ON DELETE CASCADE,
    faces BIGINT,
    aperture DOUBLE PRECISION,
    focal_mm DOUBLE PRECISION,
    aesthetic DOUBLE PRECISION,
    body TEXT NOT NULL,
    words TSVECTOR NOT NULL
);
CREATE INDEX search_documents_words ON search_documents USING GIN (words);

-- Photos whose documents do not hold what is known now.
CREATE TABLE search_dirty (
    photo_id BIGINT PRIMARY KEY
);
INSERT INTO search_dirty (photo_id) SELECT id FROM photos;

-- Pieces that many photos share, for suggestions. folded: its words.
CREATE TABLE search_terms (
    field TEXT NOT NULL,
    folded TEXT COLLATE "C" NOT NULL,
    label TEXT NOT NULL,
    photos BIGINT NOT NULL,
    PRIMARY KEY (field, folded)
);
