-- People who sign on with an issuer (OpenID Connect): the issuer and the issuer's own number of the person. A session has
-- the issuer's name of its session, so that the issuer can end it.

ALTER TABLE person ADD COLUMN issuer TEXT;
ALTER TABLE person ADD COLUMN subject TEXT;
CREATE UNIQUE INDEX person_subject ON person (issuer, subject) WHERE subject IS NOT NULL;
ALTER TABLE credential ADD COLUMN issuer_session TEXT;
