using System.Collections.Generic;

using Google.Protobuf;

using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Stores;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Directed;

/// <summary>Reads that wait while rows go from memory to the base store.</summary>
internal static class ReadScenarios
{
    private static readonly ShardId s_shard = new(1);
    private static readonly byte[] s_key = [1, 2];

    /// <summary>
    /// A scan has its rows of the base store, and waits for the outcome of a switch before it looks at them; a flush comes
    /// in between, and takes a row there that the scan has seen in neither place.
    /// </summary>
    public static string? FlushWhileAScanWaits()
    {
        var machine = new ShardMachine(s_shard);
        Apply(machine, new OneCommand(
            new TxnId(1, 1, 1), At(1_000), HlcTimestamp.Zero,
            new TransactionShare { Writes = { new KeyWrite(s_key, Row()) } }, OneMode.Snapshot, default, []));
        Apply(machine, new HorizonCommand(At(2_000)));
        var store = new HeldStore();
        var rows = new BaseRows(store, s_shard, generation: 0);
        using MemoryAccount account = MemoryAccount.ForStatement();
        var driver = new FragmentDriver(
            FragmentRun.Create(Scan(), default, account),
            new SnapshotView(machine, new ShardLeader(machine, new HlcClock(5)), At(4_000), []), rows, static () => { });
        bool hasAsked = Feed(driver, turns: 1) is FeedResult.Fetching;

        List<SettledRow> settled = machine.Versions.TakeSettled();
        store.ApplyAndSync(
            settled.ConvertAll(row => new StoreChange(
                StoreKeys.Row(s_shard, 0, row.Key), BaseRow.ToBytes(row.Cstamp, row.Value!))),
            static () => { });
        machine.Versions.Flushed(settled);
        rows.OnFlushed(settled);

        Feed(driver, turns: 4);
        driver.Run.Step(FragmentRun.SliceRows);
        var output = new ByteWriter();
        driver.Run.TakeOutput(output);
        return !hasAsked || settled.Count != 1 ? "no flush came while the read waited, so nothing was shown"
            : output.Length == 0 ? "a read has missed a row that went from memory to the base store" : null;
    }

    private static FeedResult Feed(FragmentDriver driver, int turns)
    {
        FeedResult fed = FeedResult.GoOn;
        for (int turn = 0; turn < turns; turn++)
        {
            fed = driver.Run.Step(FragmentRun.SliceRows) switch
            {
                FragmentState.NeedKeys => driver.FeedKeys(),
                FragmentState.NeedRange => driver.FeedRange(),
                _ => FeedResult.GoOn,
            };
        }

        return fed;
    }

    private static byte[] Scan()
    {
        var range = new AccessRange { Start = ByteString.CopyFrom(1), End = ByteString.CopyFrom(2) };
        var shape = new TableShape { Name = "t", KeyName = "t_pkey", KeyColumns = { 0 } };
        shape.Columns.Add(new ColumnShape { Id = 1, Name = "key", Type = SqlType.Bytes.ToMessage() });
        var scan = new ScanPlan { Table = shape, Access = new AccessPath { Ranges = { range } }, Output = new OutputStage { Visible = 1 } };
        return new Fragment { Statements = { new FragmentStatement { Scan = scan } } }.ToByteArray();
    }

    private static byte[] Row()
    {
        var writer = new ByteWriter();
        writer.WriteByte(RowKeyLayout.RowVersion);
        RowCodec.Write(writer, [SqlValue.FromBytes(s_key)]);
        return writer.ToArray();
    }

    private static HlcTimestamp At(long ms) => HlcTimestamp.FromPhysicalMs(ms);

    private static void Apply(ShardMachine machine, Command command)
    {
        Invariant.Check(machine.ApplyEntry(command).Vote?.Ok ?? true, "It is taken.");
    }
}
