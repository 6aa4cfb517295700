"""Words of a support desk in Spain, with the characters that break careless backups."""

FIRST_NAMES = (
    "María", "José", "Lucía", "Íñigo", "Begoña", "Andrés", "Núria", "Óscar", "Zoë", "Martín",
    "Sofía", "Álvaro", "Inés", "Rubén", "Chloé", "Jesús", "Elena", "Iván", "Maialen", "Raúl",
)  # fmt: skip
LAST_NAMES = (
    "García", "Muñoz", "Ibáñez", "López", "Peña", "Núñez", "Etxeberria", "Gómez", "Cañada",
    "Vázquez", "Güell", "Ordóñez", "Martín", "Sáez", "Yáñez", "Castaño", "Pérez", "Rius", "Toñi",
)  # fmt: skip
DEPARTMENTS = (
    "Atención al cliente", "Facturación", "Infraestructura", "Sistemas académicos",
    "Recursos humanos", "Logística y almacén",
)  # fmt: skip
TAGS = (
    "urgente", "contraseña", "impresora", "correo", "VPN", "teléfono", "matrícula", "nómina",
    "pingüino", "año-nuevo", "móvil 📱", "café ☕",
)  # fmt: skip
SUBJECTS = (
    "No puedo iniciar sesión desde el móvil 📱",
    "La impresora de la 3.ª planta no responde",
    "Solicitud de ampliación de buzón",
    "Error 500 al adjuntar un PDF con «ñ» en el nombre",
    "¿Cuándo se renueva el certificado?",
    "Factura duplicada de septiembre (1.250,00 €)",
    "Código MFA rechazado 🔐",
    "Baja de usuario y devolución del portátil",
    "La VPN se desconecta cada 10 minutos 😡",
    "Cambio de contraseña caducada",
    "Pantalla azul tras la actualización 💻",
    "Acceso a la carpeta compartida de Dirección",
)
SENTENCES = (
    "Buenos días: desde esta mañana no consigo entrar en la aplicación y necesito enviar la nómina antes de las 12:00.",
    "He probado a vaciar la caché del navegador y a reiniciar el equipo, pero el error sigue apareciendo.",
    "Adjunto una captura de pantalla con el mensaje completo. 📎",
    "¿Podríais mirarlo hoy, por favor? Mañana cerramos el trimestre y no puedo esperar.",
    "Hemos reproducido el problema en el entorno de pruebas; la causa es un certificado intermedio caducado.",
    "El equipo de guardia ha reiniciado el servicio a las 03:40 y desde entonces responde con normalidad. ✅",
    "Gracias por la información. Queda pendiente confirmar con el proveedor si la línea de respaldo está contratada.",
    "La señora Begoña Ibáñez indica que el pingüino de peluche del mostrador no forma parte del inventario. 🐧",
    "Se ha ampliado la cuota a 50 GB; el cambio puede tardar unos minutos en propagarse.",
    "Por favor, no respondáis a este correo con datos personales: usad el formulario seguro.",
    "Escalado al segundo nivel: hace falta acceso de administrador al conmutador de la planta baja.",
    "El usuario confirma por teléfono que ya puede imprimir en color y a doble cara. Cerramos la incidencia. 🎉",
    "Según el registro, el último acceso correcto fue a las 22:17 desde una dirección de la red interna.",
    "He dejado el portátil en recepción, dentro de una bolsa con el número de inventario y el cargador.",
    "El presupuesto asciende a 1.250,75 € (IVA incluido); necesitamos la firma de la dirección financiera.",
    "No es urgente, pero me gustaría que el informe mensual mostrase también los tiempos de espera.",
    "Tras instalar la actualización, la aplicación pide dos veces el segundo factor. ¿Es lo esperado? 🔐",
    "Recordatorio automático: esta incidencia lleva tres días sin respuesta.",
    "El enlace de la guía está roto; la página correcta es la de la base de conocimiento, apartado «Correo».",
    "Confirmo que la copia de seguridad de anoche terminó bien y que el fichero se puede abrir.",
    "La centralita corta las llamadas entrantes cuando la cola supera las diez personas en espera.",
    "Se adjunta el acta de la reunión con los acuerdos y los responsables de cada punto.",
    "Hemos cambiado la contraseña temporal; caduca en 24 horas y hay que definir una nueva al entrar.",
    "El fichero «Año nuevo – menú.pdf» no se descarga porque el nombre lleva una raya y una eñe.",
    "Todo en orden por nuestra parte, muchas gracias por la paciencia y un saludo cordial. 😊",
    "日本支社からの問い合わせ: パスワードの再設定が必要です。",
    "Ελλάδα: ο χρήστης δεν μπορεί να συνδεθεί στο σύστημα.",
    "El lector de códigos de barras lee «0O» como «00»; conviene cambiar la tipografía de la etiqueta.",
    "Anotado en el calendario: mantenimiento programado el sábado de 06:00 a 08:00. 🛠️",
    "La factura del proveedor lleva la fecha del ejercicio anterior y contabilidad la ha devuelto.",
    "He comprobado los permisos de la carpeta: faltaba el grupo de la dirección, ya está añadido.",
    "Si vuelve a ocurrir, ejecutad el diagnóstico y enviadnos el resultado con la hora exacta.",
)  # fmt: skip
