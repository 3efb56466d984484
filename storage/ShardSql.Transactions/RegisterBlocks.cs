using System.Collections;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>
/// Registers in the order they were written, in blocks of a fixed size. Hundreds of thousands are kept, and all but the
/// youngest hardly ever change: whoever stores them writes again only the blocks that did.
/// </summary>
public sealed class RegisterBlocks : IEnumerable<Register>
{
    /// <summary>Registers in a block.</summary>
    public const int BlockLength = 512;

    private readonly SortedDictionary<ulong, Register?[]> _blocks = [];
    private readonly SortedSet<ulong> _changed = [];
    private ulong _first;
    private ulong _next;

    /// <summary>How many there are.</summary>
    public int Count => (int)(_next - _first);

    /// <summary>The oldest; there must be one.</summary>
    public Register Oldest => At(_first);

    /// <summary>Adds the youngest.</summary>
    public void Add(Register register)
    {
        register.Number = _next++;
        ulong block = register.Number / BlockLength;
        if (!_blocks.TryGetValue(block, out Register?[]? registers))
        {
            _blocks[block] = registers = new Register?[BlockLength];
        }

        registers[register.Number % BlockLength] = register;
        _changed.Add(block);
    }

    /// <summary>One of them is not what it was.</summary>
    public void Changed(Register register) => _changed.Add(register.Number / BlockLength);

    /// <summary>Takes the oldest away.</summary>
    public Register RemoveOldest()
    {
        Register oldest = Oldest;
        ulong block = _first / BlockLength;
        _blocks[block][_first % BlockLength] = null;
        _first++;
        if (_first / BlockLength != block)
        {
            _blocks.Remove(block);
            _changed.Add(block);
        }

        return oldest;
    }

    /// <summary>Writes where the first and the last are; the blocks are written beside it.</summary>
    public void WriteBounds(ByteWriter writer)
    {
        writer.WriteVarint(_first);
        writer.WriteVarint(_next);
    }

    /// <summary>Writes all blocks.</summary>
    public void WriteBlocks(ByteWriter writer)
    {
        foreach (ulong block in _blocks.Keys)
        {
            WriteBlock(block, writer);
        }
    }

    /// <summary>Numbers of the blocks that have changed since this was last asked, ascending, with those that are no
    /// more.</summary>
    public IReadOnlyList<ulong> TakeChanged()
    {
        ulong[] changed = [.. _changed];
        _changed.Clear();
        return changed;
    }

    /// <summary>Writes a block.</summary>
    /// <returns>Whether there is such a block.</returns>
    public bool WriteBlock(ulong block, ByteWriter writer)
    {
        if (!_blocks.TryGetValue(block, out Register?[]? registers))
        {
            return false;
        }

        ulong from = ulong.Max(block * BlockLength, _first);
        ulong to = ulong.Min((block + 1) * BlockLength, _next);
        writer.WriteVarint(from);
        writer.WriteVarint(to - from);
        for (ulong number = from; number < to; number++)
        {
            registers[number % BlockLength]!.Write(writer);
        }

        return true;
    }

    /// <summary>Reads where the first and the last are; nothing may be here yet.</summary>
    /// <returns>How many blocks have to hold.</returns>
    public ulong ReadBounds(ref ByteReader reader)
    {
        Invariant.Check(_next == 0, "Registers are numbered from their first on.");
        _first = reader.ReadVarint();
        _next = _first;
        ulong next = reader.ReadVarint();
        if (next < _first)
        {
            reader.Fail();
            return 0;
        }

        return next - _first;
    }

    /// <summary>Reads the next block. It may hold registers that were forgotten after it was written. What was read counts as
    /// stored.</summary>
    public void ReadBlock(ref ByteReader reader)
    {
        ulong number = reader.ReadVarint();
        for (int i = reader.ReadCount(40); i > 0 && !reader.Failed; i--, number++)
        {
            Register register = Register.Read(ref reader);
            if (number > _next)
            {
                reader.Fail();
            }
            else if (number == _next)
            {
                Add(register);
            }
        }

        _changed.Clear();
    }

    /// <inheritdoc />
    public IEnumerator<Register> GetEnumerator()
    {
        for (ulong number = _first; number < _next; number++)
        {
            yield return At(number);
        }
    }

    /// <inheritdoc />
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private Register At(ulong number) => _blocks[number / BlockLength][number % BlockLength]!;
}
