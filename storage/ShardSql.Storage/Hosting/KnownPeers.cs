using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;

using ShardSql.Primitives;
using ShardSql.Storage.Files;

namespace ShardSql.Storage.Hosting;

/// <summary>
/// The folders that other nodes had when they first spoke to this one. A node that comes with another folder has lost
/// what it promised and accepted, and must not vote under its old number (commit.md §5).
/// </summary>
internal sealed class KnownPeers
{
    private const string Name = "peers";
    private const int GuidLength = 16;

    private readonly Lock _gate = new();
    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly SortedDictionary<NodeId, Guid> _dataIds = [];

    public KnownPeers(IFileSystem files, string folder)
    {
        _files = files;
        _path = Path.Combine(folder, Name);
        var reader = new ByteReader(SmallFile.Read(files, _path) ?? []);
        while (reader.Remaining > 0)
        {
            _dataIds.Add(new NodeId(reader.ReadUInt32()), new Guid(reader.ReadRaw(GuidLength)));
        }
    }

    /// <summary>Whether a node has the folder that it always had; the first one it comes with is noted durably.</summary>
    public bool Recognizes(NodeId node, Guid dataId)
    {
        lock (_gate)
        {
            if (_dataIds.TryGetValue(node, out Guid known))
            {
                return known == dataId;
            }

            // What could not be written is not known either: after a restart another folder would be taken for the first.
            var writer = new ByteWriter();
            foreach ((NodeId id, Guid data) in _dataIds)
            {
                Write(writer, id, data);
            }

            Write(writer, node, dataId);
            SmallFile.Write(_files, _path, writer.WrittenSpan);
            _dataIds.Add(node, dataId);
            return true;
        }
    }

    private static void Write(ByteWriter writer, NodeId node, Guid dataId)
    {
        writer.WriteUInt32(node.Value);
        writer.WriteRaw(dataId.ToByteArray());
    }
}
