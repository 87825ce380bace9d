namespace Wspy.Extensions;

/// <summary>What an <see cref="ExtensionInstance"/> works on.</summary>
public enum ExtensionUnit
{
    /// <summary>Whole messages, before they are fragmented and after their fragments are joined. Its reserved bits stand on the first frame only.</summary>
    Message,

    /// <summary>Each data frame by itself, after fragmentation. Its reserved bits may stand on any of them.</summary>
    Frame,
}
