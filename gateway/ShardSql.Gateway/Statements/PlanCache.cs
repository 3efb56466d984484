using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Threading;

using Google.Protobuf;

using ShardSql.Gateway.Observing;
using ShardSql.Planning;
using ShardSql.Planning.Plans;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Statements;

/// <summary>
/// Statements that were bound before, shared by all sessions: by the hash of the tree, the version of the catalog, and
/// the names and types of the parameters. Values and shard map come in at each execution. The least recently used is
/// forgotten first; what another version of the catalog bound is never found again and goes that way.
/// </summary>
internal sealed class PlanCache
{
    private readonly StatementLog _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<Key, LinkedListNode<(Key Key, PreparedPlan Plan)>> _byKey = [];
    private readonly LinkedList<(Key Key, PreparedPlan Plan)> _byUse = new();
    private readonly ConditionalWeakTable<Statement, Identity> _identities = [];
    private readonly int _capacity;
    private long _bindings;

    /// <summary>A cache of so many statements, those that come again counted in a log.</summary>
    public PlanCache(int capacity, StatementLog log)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _capacity = capacity;
        _log = log;
    }

    /// <summary>Statements in it.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byKey.Count;
            }
        }
    }

    /// <summary>How often a statement was found bound.</summary>
    public long Hits { get; private set; }

    /// <summary>How often a statement was bound.</summary>
    public long Bindings => Interlocked.Read(ref _bindings);

    /// <summary>The plan of a statement, which nobody changes from now on.</summary>
    public StatementPlan Plan(Statement statement, PlanningContext context)
    {
        if (statement.KindCase is not (Statement.KindOneofCase.Select or Statement.KindOneofCase.Insert
            or Statement.KindOneofCase.Update or Statement.KindOneofCase.Delete))
        {
            return Planner.Plan(statement, context);
        }

        if (_identities.GetValue(statement, Identity.Of) is not { IsCached: true } identity)
        {
            return Planner.Plan(statement, context);
        }

        var key = new Key(identity.Hash, context.Catalog.Version, context.Parameters);
        if (Find(key) is { } known)
        {
            identity.IsRepeated = true;
            return known.Plan(context);
        }

        Interlocked.Increment(ref _bindings);
        PreparedPlan prepared = Planner.Prepare(statement, context)!;
        StatementPlan plan = prepared.Plan(context);
        if (identity.IsSeenAgain() && prepared.IsReusable)
        {
            Keep(key.WithoutValues(), prepared);
        }

        return plan;
    }

    /// <summary>The counters of a statement that was planned before; null: it has come once, or is a long one.</summary>
    public StatementUse? UseOf(Statement statement) =>
        _identities.TryGetValue(statement, out Identity? identity) ? identity.UseIn(_log, statement) : null;

    private PreparedPlan? Find(Key key)
    {
        lock (_gate)
        {
            if (!_byKey.TryGetValue(key, out LinkedListNode<(Key Key, PreparedPlan Plan)>? node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            Hits++;
            return node.Value.Plan;
        }
    }

    private void Keep(Key key, PreparedPlan plan)
    {
        lock (_gate)
        {
            if (_byKey.ContainsKey(key))
            {
                return;
            }

            if (_byKey.Count == _capacity)
            {
                _byKey.Remove(_byUse.Last!.Value.Key);
                _byUse.RemoveLast();
            }

            _byKey.Add(key, _byUse.AddFirst((key, plan)));
        }
    }

    /// <summary>What a tree is known by. Trees are shared and live as long as texts and sessions keep them, so each is
    /// hashed once.</summary>
    private sealed class Identity
    {
        private int _seen;
        private volatile bool _isRepeated;
        private volatile StatementUse? _use;

        private Identity(bool isCached, UInt128 hash)
        {
            IsCached = isCached;
            Hash = hash;
        }

        /// <summary>False for long statements: loads come as few of them that are never the same.</summary>
        public bool IsCached { get; }

        public UInt128 Hash { get; }

        public static Identity Of(Statement statement)
        {
            if (statement.CalculateSize() > GatewayLimits.MaxCachedStatementBytes)
            {
                return new Identity(false, 0);
            }

            // A hash that nobody can make two statements for: what is bound for one must never run for another.
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(statement.ToByteArray(), hash);
            return new Identity(true, System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash));
        }

        /// <summary>Statements that come once, with their values in the text, must not drive out the others.</summary>
        public bool IsSeenAgain() => Interlocked.Exchange(ref _seen, 1) == 1 && (IsRepeated = true);

        /// <summary>Whether the statement has come more than once.</summary>
        public bool IsRepeated
        {
            get => _isRepeated;
            set => _isRepeated = value;
        }

        public StatementUse? UseIn(StatementLog log, Statement statement) =>
            IsRepeated ? _use ??= log.UseOf(Hash, statement) : null;
    }

    /// <summary>What a bound statement is found by.</summary>
    private readonly struct Key(
        UInt128 statement, ulong catalogVersion, IReadOnlyList<KeyValuePair<string, SqlValue>> parameters)
        : IEquatable<Key>
    {
        private readonly UInt128 _statement = statement;
        private readonly ulong _catalogVersion = catalogVersion;
        private readonly IReadOnlyList<KeyValuePair<string, SqlValue>> _parameters = parameters;

        public bool Equals(Key other)
        {
            if (_statement != other._statement || _catalogVersion != other._catalogVersion
                || _parameters.Count != other._parameters.Count)
            {
                return false;
            }

            for (int i = 0; i < _parameters.Count; i++)
            {
                if (_parameters[i].Value.Kind != other._parameters[i].Value.Kind
                    || _parameters[i].Key != other._parameters[i].Key)
                {
                    return false;
                }
            }

            return true;
        }

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(_statement, _catalogVersion, _parameters.Count);

        /// <summary>To be kept: names and types of the parameters.</summary>
        public Key WithoutValues()
        {
            var types = new KeyValuePair<string, SqlValue>[_parameters.Count];
            for (int i = 0; i < types.Length; i++)
            {
                types[i] = KeyValuePair.Create(_parameters[i].Key, SqlValue.NullOf(_parameters[i].Value.Kind));
            }

            return new Key(_statement, _catalogVersion, types);
        }
    }
}
