-- describe Opportunities that are not closed.
-- param minRevenue Decimal = 0 : expected revenue from which on
-- param company String? : only those of this company

SELECT o."Opportunity_RecID" AS id,
  o."Opportunity_Name" AS name,
  c."Company_Name" AS company,
  o."Expected_Revenue" AS revenue
FROM "SO_Opportunity" o
LEFT JOIN "Company" c ON c."Company_RecID" = o."Company_RecID"
WHERE o."Date_Closed_UTC" IS NULL
  AND o."Expected_Revenue" >= :minRevenue
  AND (:company IS NULL OR c."Company_Name" = :company)
ORDER BY o."Opportunity_RecID"
