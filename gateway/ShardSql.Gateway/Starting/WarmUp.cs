using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Sql.Parsing;

namespace ShardSql.Gateway.Starting;

/// <summary>
/// What the first statements of a process would pay for: code that was never run. A gateway runs a few statements by
/// itself while its nodes elect their leaders. It happens once in a process, however many gateways it has, and touches no
/// shard. A server says that it is ready when all have run; a cluster inside an application does not make it wait for more
/// than the first statement needs, and runs the others beside it.
/// </summary>
internal static class WarmUp
{
    private static readonly Lazy<Task> s_statements = new(static () => Task.Run(RunStatementsAsync));
    private static int s_hasSession;

    /// <summary>Statements for the practice database, in order: each is parsed, planned and run.</summary>
    public static IReadOnlyList<string> Statements { get; } =
    [
        "CREATE TABLE p (id bigint PRIMARY KEY, name text NOT NULL DEFAULT '', x decimal(18,2), CHECK (x >= 0)) SHARD BY HASH (id)",
        "CREATE TABLE q (id int PRIMARY KEY, p bigint, at timestamptz)",
        "INSERT INTO p (id, name, x) VALUES (1, 'a', 1.5), (2, 'b', NULL), (3, 'c', 2)",
        "INSERT INTO q VALUES (1, 1, now()), (2, 2, NULL)",
        "SELECT * FROM p WHERE id = 1",
        "SELECT name, x FROM p WHERE id IN (1, 2, 3) AND name LIKE 'a%' ORDER BY name DESC LIMIT 2",
        "SELECT name, count(*), sum(x) FROM p GROUP BY name HAVING count(*) > 0 ORDER BY 1",
        "SELECT p.name, q.at FROM p JOIN q ON q.p = p.id WHERE p.x > 1 ORDER BY q.id",
        "UPDATE p SET x = x - 1, name = 'd' WHERE id = 1",
        "INSERT INTO p (id, name) VALUES (1, 'e') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id",
        "DELETE FROM p WHERE id = 2",
        "SELECT count(*) FROM p",
    ];

    /// <summary>Begins if nobody has; ends when all statements have run.</summary>
    public static Task Begin() => s_statements.Value;

    /// <summary>What the very first statement needs: the grammar's tables, and a session that asks for constants, if none
    /// in this process has. The other statements go on beside it.</summary>
    public static async Task ServeFirstAsync(GatewayServices services, CancellationToken cancellationToken)
    {
        _ = Begin().ContinueWith(
            failed => Log.WarmUpFailed(services.Logger, failed.Exception!),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
        await ParserWarmUp.BeginTables().WaitAsync(cancellationToken);
        if (Interlocked.Exchange(ref s_hasSession, 1) == 0)
        {
            await PracticeSession.RunAsync(services, cancellationToken);
        }
    }

    private static async Task RunStatementsAsync()
    {
        await ParserWarmUp.Begin();
        var database = new PracticeDatabase();
        foreach (string text in Statements)
        {
            database.Run(SqlParser.Parse(text).Statements.Single());
        }
    }
}
