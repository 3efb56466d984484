using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace ShardSql.Sql.Parsing;

/// <summary>
/// The first text of a process pays for the tables of the grammar, for the parser's code and for the automata that ANTLR
/// builds as it reads: a hundred milliseconds. Who will parse begins that ahead, once in a process, beside what it waits
/// for anyway.
/// </summary>
public static class ParserWarmUp
{
    /// <summary>Texts of the kinds that applications begin with.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        "SELECT 1",
        "BEGIN",
        "SELECT a.id, b.name AS n, count(*), sum(a.x + 1) FROM a JOIN b ON a.id = b.id LEFT JOIN c ON c.id = b.c "
            + "WHERE a.id = @id AND (b.name LIKE 'x%' OR b.seen IS NOT NULL) AND a.k IN (@k1, @k2) "
            + "GROUP BY a.id, b.name HAVING count(*) > 1 ORDER BY a.id DESC, n LIMIT @take OFFSET 5",
        "SELECT CASE WHEN x > 1 THEN 'a' ELSE coalesce(y, 'b') END FROM t WHERE x BETWEEN 1 AND 2 AND EXISTS (SELECT 1 FROM u)",
        "INSERT INTO t (id, name, at) VALUES (@id, @name, now()), (2, 'b', NULL) ON CONFLICT (id) DO UPDATE SET "
            + "name = excluded.name RETURNING id",
        "UPDATE t SET x = x - @amount, name = DEFAULT WHERE id = @id",
        "DELETE FROM t WHERE id = @id",
        "CREATE TABLE IF NOT EXISTS t (id bigint PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'a', x decimal(18,2), "
            + "CHECK (x >= 0)) SHARD BY HASH (id)",
        "CREATE INDEX i ON t (name)",
        "DROP TABLE IF EXISTS t",
        "SHOW TABLES",
        "COMMIT",
    ];

    private static readonly Lazy<Task> s_tables = new(static () => Task.Run(() => SqlParser.Parse(Texts[0])));
    private static readonly Lazy<Task> s_all = new(static () => Task.Run(ParseAllAsync));

    /// <summary>Begins it if nobody has; ends when the grammar's tables are read, which is most of it.</summary>
    public static Task BeginTables()
    {
        _ = s_all.Value;
        return s_tables.Value;
    }

    /// <summary>Begins it if nobody has; ends when all texts are parsed.</summary>
    public static Task Begin() => s_all.Value;

    private static async Task ParseAllAsync()
    {
        await s_tables.Value.ConfigureAwait(false);
        for (int i = 1; i < Texts.Count; i++)
        {
            SqlParser.Parse(Texts[i]);
        }
    }
}
