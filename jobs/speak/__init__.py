"""speak: text to an audio file, by Azure Speech, by a deployment of OpenAI's, or by eSpeak NG on this computer."""
