using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>
/// What the undecided transactions of a shard have read and will write: the fences of commit.md §3. They follow from
/// the registers, so they are rebuilt from them, never stored.
/// </summary>
public sealed class FenceTable
{
    private readonly OrderedMap<Register> _writers = new();
    private readonly Dictionary<byte[], List<Register>> _readers = new(ByteKeyComparer.Instance);
    private readonly List<(KeyRange Range, Register Reader)> _ranges = [];
    private readonly List<(Guard Guard, bool Sets, Register Holder)> _guards = [];

    /// <summary>Places the fences of a transaction that was voted yes for.</summary>
    public void Place(Register register)
    {
        TransactionShare share = register.Share!;
        foreach (KeyWrite write in share.Writes)
        {
            Invariant.Check(!_writers.TryGet(write.Key, out _), "Undecided writers of a key exclude each other.");
            _writers.Set(write.Key, register);
        }

        foreach (KeyRead read in share.Reads)
        {
            if (!_readers.TryGetValue(read.Key, out List<Register>? readers))
            {
                _readers[read.Key] = readers = [];
            }

            readers.Add(register);
        }

        foreach (KeyRange range in share.Ranges)
        {
            _ranges.Add((range, register));
        }

        share.Guards.ForEach(guard => _guards.Add((guard, false, register)));
        share.NewGuards.ForEach(guard => _guards.Add((guard, true, register)));
    }

    /// <summary>Drops the fences of a transaction whose outcome is known.</summary>
    public void Drop(Register register)
    {
        TransactionShare share = register.Share!;
        foreach (KeyWrite write in share.Writes)
        {
            _writers.Remove(write.Key);
        }

        foreach (KeyRead read in share.Reads)
        {
            List<Register> readers = _readers[read.Key];
            readers.Remove(register);
            if (readers.Count == 0)
            {
                _readers.Remove(read.Key);
            }
        }

        _ranges.RemoveAll(fence => ReferenceEquals(fence.Reader, register));
        _guards.RemoveAll(fence => ReferenceEquals(fence.Holder, register));
    }

    /// <summary>The undecided writer of a key, or null.</summary>
    public Register? WriterOf(byte[] key) => _writers.TryGet(key, out Register? writer) ? writer : null;

    /// <summary>The undecided writers of keys in a range, with the key.</summary>
    public IEnumerable<KeyValuePair<byte[], Register>> WritersIn(KeyRange range) => _writers.Range(range);

    /// <summary>The undecided readers of a key, by key and by range.</summary>
    public IEnumerable<Register> ReadersOf(byte[] key) =>
        _readers.Count == 0 && _ranges.Count == 0 ? [] : FindReaders(key);

    /// <summary>The undecided transaction that will set a guard to just this version, if there is one.</summary>
    public TxnId? SetterOf(Guard guard)
    {
        foreach ((Guard held, bool holderSets, Register holder) in _guards)
        {
            if (holderSets && held == guard)
            {
                return holder.Id;
            }
        }

        return null;
    }

    /// <summary>Undecided transactions that rely on a guard, or, with <paramref name="sets"/>, will set it.</summary>
    public IEnumerable<Register> HoldersOf(Guard guard, bool sets) =>
        _guards.Count == 0 ? [] : FindHolders(guard, sets);

    private IEnumerable<Register> FindReaders(byte[] key)
    {
        if (_readers.TryGetValue(key, out List<Register>? readers))
        {
            foreach (Register reader in readers)
            {
                yield return reader;
            }
        }

        foreach ((KeyRange range, Register reader) in _ranges)
        {
            if (range.Contains(key))
            {
                yield return reader;
            }
        }
    }

    private IEnumerable<Register> FindHolders(Guard guard, bool sets)
    {
        foreach ((Guard held, bool holderSets, Register holder) in _guards)
        {
            if (held.Kind == guard.Kind && held.Id == guard.Id && holderSets == sets)
            {
                yield return holder;
            }
        }
    }
}
