using System;
using System.IO;

using ShardSql.Primitives;
using ShardSql.Storage.Files;

namespace ShardSql.Storage.Hosting;

/// <summary>
/// What a node's folder was born with, and how often it was started since; synced before anything is drawn or said.
/// </summary>
/// <param name="DataId">Names the folder's content: a folder that was emptied and filled again has another one.</param>
/// <param name="StampSource">Node id and boot number: a source of stamps that was never used before (commit.md §1).</param>
internal readonly record struct NodeBirth(Guid DataId, ulong StampSource)
{
    private const string Name = "boot";
    private const int NodeShift = 32;
    private const int GuidLength = 16;

    /// <summary>Counts a start.</summary>
    /// <param name="files">Where the folder is.</param>
    /// <param name="folder">The node's folder.</param>
    /// <param name="node">Whose it is.</param>
    /// <param name="newId">What the folder is named if this is the first start.</param>
    public static NodeBirth Start(IFileSystem files, string folder, NodeId node, Guid newId)
    {
        string path = Path.Combine(folder, Name);
        Guid id = newId;
        ulong boot = 1;
        if (SmallFile.Read(files, path) is { } known)
        {
            var reader = new ByteReader(known);
            id = new Guid(reader.ReadRaw(GuidLength));
            boot = reader.ReadUInt64() + 1;
            Invariant.Check(reader.EndedWell && boot <= uint.MaxValue, "A node starts fewer than 2³² times.");
        }

        var writer = new ByteWriter();
        writer.WriteRaw(id.ToByteArray());
        writer.WriteUInt64(boot);
        SmallFile.Write(files, path, writer.WrittenSpan);
        return new NodeBirth(id, ((ulong)node.Value << NodeShift) | boot);
    }
}
