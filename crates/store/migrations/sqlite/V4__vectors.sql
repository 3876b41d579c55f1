-- Vector indexes that follow the store.

-- Raised by every transaction that writes vectors: an index knows the last one it holds. epoch tells apart databases
-- whose row numbers mean different pictures: one that a backup was restored into, or that was rebuilt, is another one.
ALTER TABLE tintype_meta ADD COLUMN vector_revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE tintype_meta ADD COLUMN vector_epoch INTEGER NOT NULL DEFAULT 0;
UPDATE tintype_meta SET vector_epoch = random();

-- The transaction that wrote it; for vectors only.
ALTER TABLE features ADD COLUMN revision INTEGER;
UPDATE features SET revision = 1 WHERE type IN (1, 17);
CREATE INDEX features_revision ON features (key_id, revision, subject_id) WHERE revision IS NOT NULL;

-- What people set for the library, and not for one photo.
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Numbers of documents are asked for without reading the documents.
CREATE INDEX search_documents_aperture ON search_documents (aperture) WHERE aperture IS NOT NULL;
CREATE INDEX search_documents_focal ON search_documents (focal_mm) WHERE focal_mm IS NOT NULL;
CREATE INDEX search_documents_aesthetic ON search_documents (aesthetic) WHERE aesthetic IS NOT NULL;
CREATE INDEX search_documents_faces ON search_documents (faces) WHERE faces IS NOT NULL;

-- The index of words holds those of telling fields a second time, and beginnings of one and two letters, of which a
-- million photos have too many words to put together for each question: documents are written anew.
DROP TABLE search_index;
CREATE VIRTUAL TABLE search_index USING fts5(
    person, keyword, title, tag, object, bib, text, caption, album, place, name, folder, camera, lens, date,
    content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '1 2'
);
DELETE FROM search_dirty;
INSERT INTO search_dirty (photo_id) SELECT id FROM photos;
