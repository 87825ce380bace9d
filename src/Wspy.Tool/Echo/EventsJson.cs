using System.Text.Json.Serialization;

namespace Wspy.Tool.Echo;

/// <summary>The JSON of the events channel, read and written without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventReport))]
[JsonSerializable(typeof(EventsCommand))]
internal sealed partial class EventsJson : JsonSerializerContext;
