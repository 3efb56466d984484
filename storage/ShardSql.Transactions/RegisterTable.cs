using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>
/// The vote registers of a shard, by id and in the order they were written. A register is forgotten only when nobody
/// can ask for it in a way that another answer would harm: it is decided, every participant has applied the outcome,
/// its stamp is closed, and the client's time to ask is over or too many are kept (commit.md §3).
/// </summary>
public sealed class RegisterTable
{
    /// <summary>How long a client may ask for an outcome, ms.</summary>
    public const long OutcomeWindowMs = 600_000;

    /// <summary>Decided registers kept at most, but for those that somebody may still ask for.</summary>
    public const int KeptMax = 32_768;

    /// <summary>
    /// How long a register is kept however many there are, ms: longer than a gateway repeats a PREPARE or a ONE, which
    /// would be run a second time if its vote were forgotten.
    /// </summary>
    public const long KeptAtLeastMs = 60_000;

    // The numbers of the registers of each client's transaction: of the first that was written here, and of further attempts.
    private readonly Dictionary<(UInt128 Session, ulong Sequence), ulong> _firsts = [];
    private readonly Dictionary<(UInt128 Session, ulong Sequence), List<ulong>> _further = [];
    private readonly RegisterBlocks _byAge = new();
    private readonly SortedDictionary<TxnId, Register> _undecided = [];

    // How many a state says that it holds.
    private ulong _expected;

    /// <summary>Transactions voted yes for, with unknown outcome.</summary>
    public IReadOnlyCollection<Register> Undecided => _undecided.Values;

    /// <summary>Decided transactions that stay until all participants are known to have applied the outcome.</summary>
    public IEnumerable<Register> Unreported
    {
        get
        {
            foreach (Register register in _byAge.Unsettled)
            {
                if (register.State != RegisterState.Undecided)
                {
                    yield return register;
                }
            }
        }
    }

    /// <summary>Registers kept.</summary>
    public int Count => _byAge.Count;

    /// <summary>The highest stamp of a register that was forgotten before its window was over.</summary>
    public HlcTimestamp ForgottenEarly { get; private set; }

    /// <summary>The highest stamp of a transaction voted yes for that was forgotten.</summary>
    public HlcTimestamp ForgottenYes { get; private set; }

    /// <summary>The register of a transaction, or null. One that is settled does not change any more, and may be a copy.</summary>
    public Register? Find(TxnId id)
    {
        if (!_firsts.TryGetValue((id.Session, id.Sequence), out ulong first))
        {
            return null;
        }

        Register register = _byAge[first];
        return register.Id == id ? register : Attempts(id.Session, id.Sequence).FirstOrDefault(other => other.Id == id);
    }

    /// <summary>The registers of all attempts of a client's transaction, as they were written.</summary>
    public IEnumerable<Register> Attempts(UInt128 session, ulong sequence)
    {
        if (_firsts.TryGetValue((session, sequence), out ulong first))
        {
            yield return _byAge[first];
            foreach (ulong number in _further.GetValueOrDefault((session, sequence), []))
            {
                yield return _byAge[number];
            }
        }
    }

    /// <summary>Writes a register: the first and only time for its id.</summary>
    public void Add(Register register)
    {
        _byAge.Add(register);
        Know(register);
    }

    /// <summary>Records the outcome of an undecided transaction.</summary>
    public void Decide(Register register, RegisterState outcome)
    {
        Invariant.Check(register.State == RegisterState.Undecided, "An outcome is recorded once.");
        register.State = outcome;
        register.Share = null;
        _byAge.Changed(register);
        _undecided.Remove(register.Id);
    }

    /// <summary>Records that all participants have applied the outcome.</summary>
    public void Report(Register register)
    {
        if (!register.IsSettled)
        {
            register.Reported = true;
            _byAge.Changed(register);
        }
    }

    /// <summary>Forgets what may be forgotten at a closed stamp.</summary>
    public void Forget(HlcTimestamp closed)
    {
        for (int look = _byAge.Count; look > 0; look--)
        {
            Register oldest = _byAge.Oldest;
            bool old = oldest.Stamp.PhysicalMs + OutcomeWindowMs < closed.PhysicalMs;
            bool crowded = _byAge.Count > KeptMax && oldest.Stamp.PhysicalMs + KeptAtLeastMs < closed.PhysicalMs;
            if (!old && !crowded)
            {
                return;
            }

            _byAge.RemoveOldest();
            if (MayForget(oldest, closed))
            {
                Unlink(oldest);
                ForgottenYes = oldest.Vote.Ok && oldest.Participants.Count > 1
                    ? HlcTimestamp.Max(ForgottenYes, oldest.Stamp) : ForgottenYes;
                ForgottenEarly = old ? ForgottenEarly : HlcTimestamp.Max(ForgottenEarly, oldest.Stamp);
            }
            else
            {
                Unlink(oldest);
                _byAge.Add(oldest);
                Link(oldest);
            }
        }
    }

    /// <summary>Writes all but the registers.</summary>
    public void WriteHead(ByteWriter writer)
    {
        writer.WriteStamp(ForgottenEarly);
        writer.WriteStamp(ForgottenYes);
        _byAge.WriteBounds(writer);
    }

    /// <summary>Writes all registers, oldest first, in blocks.</summary>
    public void WriteBlocks(ByteWriter writer) => _byAge.WriteBlocks(writer);

    /// <summary>Writes a block of registers.</summary>
    /// <returns>Whether there is such a block.</returns>
    public bool WriteBlock(ulong block, ByteWriter writer) => _byAge.WriteBlock(block, writer);

    /// <summary>Numbers of the blocks that have changed since this was last asked, ascending, with those that are no
    /// more.</summary>
    public IReadOnlyList<ulong> TakeChangedBlocks() => _byAge.TakeChanged();

    /// <summary>Reads all but the registers.</summary>
    public static RegisterTable ReadHead(ref ByteReader reader)
    {
        var table = new RegisterTable { ForgottenEarly = reader.ReadStamp(), ForgottenYes = reader.ReadStamp() };
        table._expected = table._byAge.ReadBounds(ref reader);
        return table;
    }

    /// <summary>Reads the blocks, which are the rest of a state.</summary>
    public void ReadBlocks(ref ByteReader reader)
    {
        while (reader.Remaining > 0 && !reader.Failed)
        {
            _byAge.ReadBlock(ref reader, Know);
        }

        if ((ulong)_byAge.Count != _expected)
        {
            reader.Fail();
        }
    }

    private static bool MayForget(Register register, HlcTimestamp closed) => register.Stamp <= closed && register.IsSettled;

    private void Know(Register register)
    {
        Link(register);
        if (register.State == RegisterState.Undecided)
        {
            _undecided.Add(register.Id, register);
        }
    }

    private void Link(Register register)
    {
        (UInt128, ulong) transaction = (register.Id.Session, register.Id.Sequence);
        if (_firsts.TryAdd(transaction, register.Number))
        {
            return;
        }

        Invariant.Check(Find(register.Id) is null, "A vote register is written once.");
        if (!_further.TryGetValue(transaction, out List<ulong>? further))
        {
            _further[transaction] = further = [];
        }

        further.Add(register.Number);
    }

    private void Unlink(Register register)
    {
        (UInt128, ulong) transaction = (register.Id.Session, register.Id.Sequence);
        if (!_further.TryGetValue(transaction, out List<ulong>? further))
        {
            _firsts.Remove(transaction);
            return;
        }

        if (!further.Remove(register.Number))
        {
            _firsts[transaction] = further[0];
            further.RemoveAt(0);
        }

        if (further.Count == 0)
        {
            _further.Remove(transaction);
        }
    }
}
