-- How sure each model was, in steps of ten, beside how often it was right.
CREATE VIEW ai_calibration_by_user WITH (security_invoker = true) AS
SELECT
    user_id,
    model,
    least(floor(confidence / 10) * 10, 90)::integer AS lower,
    count(*) AS votes,
    count(*) FILTER (WHERE is_right) AS right_votes
FROM ai_outcomes
GROUP BY user_id, model, lower;

GRANT SELECT ON ai_calibration_by_user TO quorum_app, quorum_operator;
