using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Sql;

namespace ShardSql.Gateway.Sequences;

/// <summary>
/// The numbers of one statement. Planning takes those that are in memory; where one is missing it gets a number that only
/// stands for it, the missing ones are fetched, and the plan is made again with the same numbers as before. No plan that
/// holds such a stand-in leaves.
/// </summary>
/// <param name="blocks">Where the numbers come from.</param>
/// <param name="session">The session that they are given to.</param>
/// <param name="isReadOnly">Whether its transaction only reads: then no sequence changes.</param>
/// <param name="pretends">Whether the plan is only looked at: then stand-ins are good enough.</param>
internal sealed class StatementNumbers(ISequenceSource blocks, SessionNumbers session, bool isReadOnly, bool pretends)
    : ISequenceNumbers
{
    private readonly Dictionary<uint, Queue> _taken = [];
    private readonly List<Effect> _pending = [];
    private int _setsDone;
    private int _setsSeen;
    private bool _isPlanning;

    /// <inheritdoc />
    public long? Last => session.Last;

    /// <inheritdoc />
    public long? Current(SequenceDescriptor sequence) => session.Current(sequence);

    /// <summary>Makes a plan, with as many numbers as it takes.</summary>
    public async ValueTask<StatementPlan> PlanAsync(Func<StatementPlan> plan, CancellationToken ended)
    {
        _taken.Clear();
        _setsDone = 0;
        for (int pass = 0; ; pass++)
        {
            StatementPlan? made = Try(plan);
            if (made is not null && (pretends || _pending.Count == 0))
            {
                return made;
            }

            if (pass == GatewayLimits.MaxSequencePasses)
            {
                throw new SqlException(
                    SqlStates.StatementTooComplex, "the statement changes sequences too often, one after the other");
            }

            await FetchAsync(ended);
        }
    }

    /// <inheritdoc />
    public long Next(SequenceDescriptor sequence)
    {
        RequireOpen("nextval");
        if (!_taken.TryGetValue(sequence.Id, out Queue? taken))
        {
            taken = new Queue();
            _taken.Add(sequence.Id, taken);
        }

        if (taken.Used == taken.Numbers.Count && !pretends && _pending.Count == 0
            && blocks.TryTake(sequence, out long held))
        {
            taken.Numbers.Add(held);
        }

        if (taken.Used == taken.Numbers.Count)
        {
            _pending.Add(new Effect(sequence, null));
            return sequence.Start;
        }

        long number = taken.Numbers[taken.Used++];
        session.Take(sequence, number);
        return number;
    }

    /// <inheritdoc />
    public void Set(SequenceDescriptor sequence, long value, bool isCalled)
    {
        RequireOpen("setval");
        if (_setsSeen == _setsDone)
        {
            _pending.Add(new Effect(sequence, new SequenceState(value, isCalled)));
            return;
        }

        _setsSeen++;
        if (isCalled)
        {
            session.Set(sequence, value);
        }
    }

    /// <summary>One pass; null: it failed, perhaps for a stand-in that is to be replaced.</summary>
    private StatementPlan? Try(Func<StatementPlan> plan)
    {
        _pending.Clear();
        _setsSeen = 0;
        foreach (Queue taken in _taken.Values)
        {
            taken.Used = 0;
        }

        _isPlanning = true;
        try
        {
            return plan();
        }
        catch (SqlException) when (_pending.Count > 0 && !pretends)
        {
            return null;
        }
        finally
        {
            _isPlanning = false;
        }
    }

    /// <summary>Does what was missing, up to the next setval: what comes after that depends on it.</summary>
    private async Task FetchAsync(CancellationToken ended)
    {
        if (_pending[0] is { Set: { } state } first)
        {
            await blocks.SetAsync(first.Sequence, state, ended);
            _setsDone++;
            return;
        }

        var missing = new SortedDictionary<uint, (SequenceDescriptor Sequence, int Count)>();
        foreach (Effect effect in _pending)
        {
            if (effect.Set is not null)
            {
                break;
            }

            missing.TryGetValue(effect.Sequence.Id, out (SequenceDescriptor Sequence, int Count) known);
            missing[effect.Sequence.Id] = (effect.Sequence, known.Count + 1);
        }

        foreach ((SequenceDescriptor sequence, int count) in missing.Values)
        {
            _taken[sequence.Id].Numbers.AddRange(await blocks.TakeAsync(sequence, count, ended));
        }
    }

    private void RequireOpen(string function)
    {
        if (!_isPlanning)
        {
            // What is evaluated later than the plan is made could not be made again.
            throw new SqlException(SqlStates.FeatureNotSupported, $"{function} is not supported here");
        }

        if (isReadOnly && !pretends)
        {
            throw new SqlException(
                SqlStates.ReadOnlyTransaction, $"cannot execute {function}() in a read-only transaction");
        }
    }

    /// <summary>What is missing: a number, or setval.</summary>
    private readonly record struct Effect(SequenceDescriptor Sequence, SequenceState? Set);

    /// <summary>The numbers of one sequence, and how many of them this pass has used.</summary>
    private sealed class Queue
    {
        public List<long> Numbers { get; } = [];

        public int Used { get; set; }
    }
}
