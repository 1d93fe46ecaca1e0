-- Of each network one recipe: of the plain ones (all layers, static ranges) that with the fewest bits
-- whose parts were measured.  Marks of a part stand in its own block, weights first.
-- empty: no network's sensitivity was measured ("measure": "sensitivity" asks for it)
WITH
recipe AS (
	SELECT label, row_number() OVER (PARTITION BY network
	               ORDER BY count(DISTINCT part) DESC, policy <> 'all', weight_bits,
	                        activation_bits, weight_granularity <> 'channel',
	                        weight_calibration <> 'minmax', activation_calibration <> 'minmax',
	                        activation_range <> 'static', length(label), label) AS place
	FROM sensitivity GROUP BY label
	HAVING count(only_sqnr_db) > 0 AND count(spared_gained_db) > 0
)
SELECT network || ' (weights ' || coalesce(nullif(weight_bits, 32) || ' bits per '
       || weight_granularity || ', ' || weight_calibration, 'float') || '; activations '
       || coalesce(nullif(activation_bits, 32) || ' bits, ' || activation_calibration, 'float')
       || ')' AS panel,
       CASE part WHEN 'weights' THEN 'its weights' WHEN 'activations' THEN 'its activations'
            ELSE 'all that the recipe quantizes of it' END AS series,
       layer_index, layer, only_sqnr_db, quantized_sqnr_db, spared_gained_db, rank
FROM sensitivity WHERE label IN (SELECT label FROM recipe WHERE place = 1)
ORDER BY network, part = 'both', part DESC, layer_index
