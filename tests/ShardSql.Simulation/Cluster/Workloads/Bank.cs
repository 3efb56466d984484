using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Accounts over all shards: transfers between two of them, and reads of all, which always sum to the same.
/// </summary>
internal sealed class Bank(int groups) : IWorkload
{
    private const uint Table = 2;
    private const int AccountsPerGroup = 2;
    private const long Opening = 100;

    private readonly List<string> _wrong = [];

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() =>
        Accounts().Select(row => new KeyValuePair<RowId, string>(row, Text(Opening)));

    public ClientProgram Next(Prng prng) => prng.Chance(300_000) ? new ReadAll(this) : new Transfer(this, prng);

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        CheckTotal("the end", final.Where(row => row.Key.Table == Table).Select(row => row.Value));
        return _wrong;
    }

    private static string Text(long balance) => balance.ToString(CultureInfo.InvariantCulture);

    private static long Balance(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private IEnumerable<RowId> Accounts() => Enumerable.Range(0, groups * AccountsPerGroup)
        .Select(i => new RowId(Table, i / AccountsPerGroup, i % AccountsPerGroup));

    private void CheckTotal(string where, IEnumerable<string> balances)
    {
        List<long> all = [.. balances.Select(Balance)];
        long expected = groups * AccountsPerGroup * Opening;
        if (all.Sum() != expected || all.Count != groups * AccountsPerGroup || all.Exists(balance => balance < 0))
        {
            _wrong.Add(FormattableString.Invariant(
                $"bank: at {where} {all.Count} accounts hold {all.Sum()}, not {expected}: {string.Join(' ', all)}"));
        }
    }

    private sealed class Transfer(Bank bank, Prng prng) : SimulatedProgram("bank transfer")
    {
        private readonly RowId _from = new(Table, prng.Next(bank.Groups), prng.Next(AccountsPerGroup));
        private readonly RowId _to = new(Table, prng.Next(bank.Groups), prng.Next(AccountsPerGroup));
        private readonly long _amount = prng.Next(1, 30);

        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            yield return context.Get(_from, _to);
            long from = context.NumberIn(_from);
            if (_from != _to && from >= _amount)
            {
                context.Put(_from, Text(from - _amount));
                context.Put(_to, Text(context.NumberIn(_to) + _amount));
            }
        }
    }

    private sealed class ReadAll(Bank bank) : SimulatedProgram("bank read")
    {
        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            yield return context.ScanAll(Table);
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (end.IsOk)
            {
                bank.CheckTotal(
                    FormattableString.Invariant($"{end.EndedUs} µs"), context.Scanned.Select(row => row.Value));
            }
        }
    }

    private int Groups => groups;
}
