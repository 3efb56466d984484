using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Simulation.Model;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Explorer;

/// <content>What must hold in each state, and where nothing can happen any more.</content>
public sealed partial class CommitExplorer
{
    private string? Check(CommitState state)
    {
        var committed = new List<ModelTransaction>();
        bool isSettled = true;
        for (int transaction = 0; transaction < Count; transaction++)
        {
            bool commits = false;
            bool aborts = false;
            for (int shard = 0; shard < CommitSpace.Shards; shard++)
            {
                Register? register = RegisterOf(state, transaction, shard);
                commits |= register?.State == RegisterState.Committed;
                aborts |= register?.State == RegisterState.Aborted;
                isSettled &= register?.State != RegisterState.Undecided;
            }

            if (commits && aborts)
            {
                return $"T{transaction + 1} has two outcomes.";
            }

            CommitAnswer answer = state.Answers[transaction];
            if ((answer == CommitAnswer.Committed && aborts) || (answer == CommitAnswer.Aborted && commits))
            {
                return $"T{transaction + 1}: what the client was told does not hold.";
            }

            if (commits)
            {
                committed.Add(Placed(state, transaction));
            }
        }

        return isSettled ? Replay(state, committed) : null;
    }

    private ModelTransaction Placed(CommitState state, int transaction)
    {
        ModelTransaction model = _space.Transactions[transaction].Model;
        model.Pi = model.Stamp;
        for (int shard = 0; shard < CommitSpace.Shards; shard++)
        {
            if (RegisterOf(state, transaction, shard) is { } register)
            {
                model.Pi = HlcTimestamp.Min(model.Pi, register.Vote.Pi);
            }
        }

        return model;
    }

    private string? Replay(CommitState state, List<ModelTransaction> committed)
    {
        var rows = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (int machine in state.Machines)
        {
            foreach ((string key, string value) in _space.View(machine).Rows)
            {
                rows.Add(key, value);
            }
        }

        return SerialReplay.Check(committed, rows);
    }

    private void CheckEnd(CommitState state)
    {
        var end = new List<string>();
        for (int transaction = 0; transaction < Count; transaction++)
        {
            RegisterState? outcome = null;
            for (int shard = 0; shard < CommitSpace.Shards; shard++)
            {
                outcome = RegisterOf(state, transaction, shard)?.State ?? outcome;
            }

            if (outcome is null or RegisterState.Undecided)
            {
                _violation ??= $"T{transaction + 1} stays undecided.";
            }

            end.Add($"T{transaction + 1} {outcome}");
        }

        _ends.Add(string.Join(", ", end));
    }
}
